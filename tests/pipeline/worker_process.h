/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The process of the IPA worker
 */

#pragma once

#include <sys/types.h>

/* The newest worker that this process has started and that lives, or -1. */
pid_t workerProcess();
