/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * fovea-tune record and verify
 */

#pragma once

#include <functional>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

namespace fovea::tune {

/* Starts this program again inside the world of the virtual camera, with fovea-run's options. */
using EnterWorld = std::function<int(const std::vector<std::string> &options)>;

/* They add a command to \a app; the function runs it and returns the exit status. */
std::function<int()> addRecordCommand(CLI::App *app, EnterWorld enterWorld);
std::function<int()> addVerifyCommand(CLI::App *app, EnterWorld enterWorld);

} /* namespace fovea::tune */
