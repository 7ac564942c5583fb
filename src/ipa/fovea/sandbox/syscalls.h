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

/* When a row of the table holds. */
enum class Row {
	Always,
	Init,
	Sanitizer,
};

/* The most that the sealed worker may have. */
inline constexpr unsigned int kMaxSealedSyscalls = 25;

unsigned int countSyscalls(Row row);
void listSyscalls(FILE *stream);
void restrictSyscalls(Stage stage, MissingLayers *missing);

} /* namespace fovea::sandbox */
