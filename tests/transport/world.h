/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * A program inside the world of the fake hardware, or of a small Fovea
 */

#pragma once

#include <functional>
#include <stdint.h>
#include <string>
#include <sys/types.h>

namespace fovea::test {

enum class World {
	Fake,		/* fake-hw */
	Tiny,		/* fovea-hw with a sensor of 64x48, in virtual time */
};

/*
 * Run \a body in a world of its own: start the hardware, then this program again
 * with the preload library. Returns what \a body returns.
 */
int runInWorld(char **argv, const std::function<int()> &body, World world = World::Fake);

/* The process of the hardware. */
pid_t serverPid();

/* The result of a request of \a operation without descriptors, -EPROTO for none. */
int request(int connection, uint32_t operation, const std::string &payload = "");

/* A connection to the server, or -1. */
int connectToServer();

/* Execute a command as fovea-ctl does. */
int control(const std::string &command);

/* The directory that the server writes its tree to. */
std::string treeDirectory();

} /* namespace fovea::test */
