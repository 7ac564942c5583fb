/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Raw files of many kinds into the file of a recording
 */

#pragma once

#include <functional>
#include <optional>
#include <span>
#include <stdint.h>
#include <string>
#include <vector>

#include "raw_image.h"

namespace fovea::tune {

/* What the command line says; what is empty or 0 is left to the files. */
struct ImportOptions {
	std::string name;
	std::string model;
	std::string format;			/* of raw samples, see parsePlainFormat() */
	std::string size;
	uint64_t header = 0;			/* bytes */
	uint64_t stride = 0;			/* bytes */
	unsigned int shift = 0;
	std::optional<double> blackLevel;	/* code */
	unsigned int whiteLevel = 0;		/* code */
	double exposure = 0.0;			/* us */
	double gain = 0.0;
	double lensPosition = -1.0;		/* dioptres */
	unsigned int frameRate = 0;		/* frames / s */
	std::string camLog;			/* file with the output of 'cam --metadata' */
	bool rescale = false;
	unsigned int bracket = 1;
	std::vector<std::string> dataDirectories;
};

struct ImportSummary {
	size_t frames = 0;
	sensor::Recording recording;
	sensor::FrameInfo first;
};

/* Called before each file with its number and the number of all. */
using ImportProgress = std::function<void(size_t file, size_t files)>;

bool readRaw(const std::string &file, const ImportOptions &options, const FrameSink &sink,
	     std::string *error);
bool importFiles(const std::vector<std::string> &files, const std::string &output,
		 const ImportOptions &options, const ImportProgress &progress,
		 ImportSummary *summary, std::string *error);

} /* namespace fovea::tune */
