/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Raw samples without a description of their own
 */

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "raw_image.h"

namespace fovea::tune {

/* What the command line says of raw samples. */
struct PlainFormat {
	sensor::BayerOrder order;
	sensor::RawLayout layout;
};

std::optional<PlainFormat> parsePlainFormat(const std::string &format, const std::string &size,
					    std::string *error);
bool readPlain(const std::string &file, const sensor::Recording &recording, const FrameSink &sink,
	       std::string *error);
bool readSidecar(const std::string &file, const std::vector<std::string> &dataDirectories,
		 const FrameSink &sink, std::string *error);

} /* namespace fovea::tune */
