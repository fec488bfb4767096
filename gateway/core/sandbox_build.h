/*
 * sandbox_build.h - what differs in a build with AddressSanitizer: its search for leaks at the end
 * stops all threads from a process of its own, which traces them.
 */
#ifndef SANDBOX_BUILD_H
#define SANDBOX_BUILD_H

#ifdef __SANITIZE_ADDRESS__
#define SANDBOX_FINDS_LEAKS true
#else
#define SANDBOX_FINDS_LEAKS false
#endif

#endif
