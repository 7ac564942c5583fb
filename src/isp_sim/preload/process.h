/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Which process this is
 */

#pragma once

#include <stdint.h>

namespace fovea::preload {

/* A number that is another one in every child that has memory of its own. 0: unknown. */
uint32_t processGeneration();

/*
 * Is this a child that works on its parent's memory, until it executes a program
 * (vfork)? What it does to its descriptors must not be noted there.
 */
bool borrowsMemory();

} /* namespace fovea::preload */
