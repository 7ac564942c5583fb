/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Recordings: raw frames in files, and the sidecar that describes them
 */

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "isp_sim/sensor/packing.h"
#include "isp_sim/sensor/sensor.h"

namespace fovea::sensor {

/* The exposure at which the frames were taken. */
struct Capture {
	double exposureTime;			/* s */
	double analogueGain;
	double colourTemperature;		/* K; 0 if not known */
};

struct Recording {
	enum class Mode {
		Exact,
		Rescale,
	};

	enum class Orientation {
		Rotate0,
		Rotate180,
		MirrorX,
		MirrorY,
	};

	std::string name;
	std::string description;
	std::string model;
	RawLayout layout;
	BayerOrder order;			/* of the file's first samples */
	double blackLevel;			/* code */
	unsigned int whiteLevel;		/* code */
	Orientation orientation = Orientation::Rotate0;
	Mode mode = Mode::Exact;
	std::optional<Capture> capture;
	unsigned int frameRate = 30;		/* frames / s */
	std::vector<std::string> frames;	/* files */
	bool loop = true;
};

std::optional<Recording> parseRecording(std::string_view text, const std::string &fileName,
					std::string *error);
std::optional<Recording> loadRecording(const std::string &file,
				       const std::vector<std::string> &dataDirectories,
				       std::string *error);

bool readFrame(const Recording &recording, size_t frame, std::vector<uint16_t> *samples,
	       std::string *error);

} /* namespace fovea::sensor */
