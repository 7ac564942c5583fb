/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * fovea-tune info: what a recording holds
 */

#pragma once

#include <functional>

#include <CLI/CLI.hpp>

namespace fovea::tune {

/* Adds the command to \a app; the function runs it and returns the exit status. */
std::function<int()> addInfoCommand(CLI::App *app);

} /* namespace fovea::tune */
