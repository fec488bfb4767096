/* url_files.h - which files libpq reads whenever it connects: certificates, keys, passwords. */
#ifndef URL_FILES_H
#define URL_FILES_H

/* Calls `on` with each that `url`, or libpq's environment, names, and with those of our home. */
void db_url_files(const char *url, void (*on)(void *ctx, const char *path), void *ctx);

#endif
