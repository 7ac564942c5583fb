/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The system calls that the worker may make
 */

#pragma once

#include <stdio.h>

#include "layer.h"

namespace fovea::sandbox {

/* Before init() has returned, and after. */
enum class Stage {
	Init,
	Sealed,
};

/* The most that the sealed worker may have. */
inline constexpr unsigned int kMaxSealedSyscalls = 25;

unsigned int countSyscalls(Stage stage);
void listSyscalls(FILE *stream);
void restrictSyscalls(Stage stage, MissingLayers *missing);

} /* namespace fovea::sandbox */
