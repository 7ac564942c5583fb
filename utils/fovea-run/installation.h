/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Where the parts of Fovea lie, in the build tree and installed
 */

#pragma once

#include <string>
#include <vector>

namespace fovea::run {

struct Installation {
	std::string server;		/* fovea-hw */
	std::string preload;		/* libfovea-v4l2.so */
	std::string handler;		/* libcamera-fovea.so */
	std::string ipaModules;		/* directory of ipa_fovea.so */
	std::string ipaProxies;		/* directory of fovea_ipa_cage */
	std::string tuning;		/* directory of the tuning files */
	std::vector<std::string> programs;	/* directories of cam, qcam... */
	std::vector<std::string> libraries;	/* directories of libcamera */
	std::string gstreamer;		/* directory of libcamera's plugin */

	static bool find(Installation *installation, std::string *error);
};

} /* namespace fovea::run */
