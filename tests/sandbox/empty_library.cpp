/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The library of a module
 */

extern "C" int libraryAnswer();

extern "C" int libraryAnswer()
{
	return 42;
}
