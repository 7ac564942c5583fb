/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * A shared object to load in the cage, with a library of its own
 */

extern "C" int libraryAnswer();
extern "C" int moduleAnswer();

extern "C" int moduleAnswer()
{
	return libraryAnswer();
}
