/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * A test program inside the world of the fake hardware
 */

#pragma once

#include <string>
#include <sys/types.h>

namespace fovea::test {

/*
 * Run all tests in a world of their own: start fake-hw, then this program again
 * with the preload library. Returns the exit status of the tests.
 */
int runInWorld(int argc, char **argv);

/* The process of fake-hw. */
pid_t serverPid();

/* The directory that the server writes its tree to. */
std::string treeDirectory();

} /* namespace fovea::test */
