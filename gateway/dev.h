/*
 * dev.h - `maitred dev`: the gateway, the simulated carriers and a demo restaurant in one process.
 */
#ifndef DEV_H
#define DEV_H

int dev_main(int argc, char **argv);
int dev_sim_main(int argc, char **argv); /* `maitred sim`: see fixtures/carriers/simulator.h */

#endif
