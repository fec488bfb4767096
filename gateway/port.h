/*
 * port.h - opens the port that a server listens on. Private to server.c.
 */
#ifndef PORT_H
#define PORT_H

#include "server.h"

/* A socket that listens and does not block; -1 with errno set. The caller closes it. */
int port_open(const struct server_settings *settings);

#endif
