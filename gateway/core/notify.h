/* notify.h - tells systemd, if it has started us with Type=notify, how far we are: sd_notify(3). */
#ifndef NOTIFY_H
#define NOTIFY_H

/* "READY=1", "STOPPING=1". Does nothing when nobody asked, and never waits. */
void notify(const char *state);

#endif
