/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Validation of tuning files
 */

#pragma once

#include <string>

namespace libcamera {

namespace ipa::fovea::tuning {

int validateFile(const std::string &path, std::string *message);
int validateText(const std::string &text, const std::string &name,
		 std::string *message);

} /* namespace ipa::fovea::tuning */

} /* namespace libcamera */
