/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Private directory of one run
 */

#pragma once

#include <string>

namespace fovea::run {

class RuntimeDirectory
{
public:
	RuntimeDirectory();
	~RuntimeDirectory();

	int create(std::string *error);
	const std::string &path() const { return path_; }

private:
	std::string path_;
	int lock_;
};

} /* namespace fovea::run */
