/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Watches over the worker from outside of its cage
 */

#pragma once

#include <sys/types.h>

namespace fovea::sandbox {

int forwardLog(int log, pid_t worker);

} /* namespace fovea::sandbox */
