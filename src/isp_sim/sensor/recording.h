/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Recordings: raw frames in files, and the sidecar that describes them
 */

#pragma once

#include <array>
#include <memory>
#include <optional>
#include <stdint.h>
#include <string>
#include <string_view>
#include <vector>

#include "isp_sim/sensor/packing.h"
#include "isp_sim/sensor/sensor.h"

namespace fovea::sensor {

class RecordingFile;

/* The exposure at which the frames were taken. */
struct Capture {
	double exposureTime;			/* s */
	double analogueGain;
	double colourTemperature;		/* K; 0 if not known */
};

/* How one frame was taken. What is 0, or absent, is not known. */
struct FrameInfo {
	uint32_t sequence = 0;
	uint64_t timestamp = 0;			/* ns */
	double exposureTime = 0.0;		/* s */
	double analogueGain = 0.0;
	double digitalGain = 0.0;
	std::optional<double> lensPosition;	/* dioptres */
	std::array<double, 3> neutral{};	/* R, G, B of white, the largest 1 */

	bool operator==(const FrameInfo &other) const = default;
};

constexpr size_t kMaximumBracket = 8;

using Matrix9 = std::array<double, 9>;		/* 3x3, row by row */

/* What a camera sees under one illuminant, as DNG has it. */
struct ColourMatrix {
	unsigned int illuminant;		/* LightSource of EXIF; 0 if not known */
	Matrix9 xyzToCamera;
	std::optional<Matrix9> calibration;	/* of this unit to the model */
	std::optional<Matrix9> forward;		/* balanced camera to XYZ of D50 */
};

/* Noise by the photon transfer; codes are at the recording's bit depth. */
struct NoiseModel {
	double conversionGain;			/* codes per electron at unity gain */
	double readNoise;			/* electrons, before the gain */
	double converterNoise;			/* codes, behind the gain */
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
	double blackLevel;			/* code, mean of the four */
	std::array<double, 4> blackLevels{};	/* code; of a quad's samples, row by row */
	unsigned int whiteLevel;		/* code */
	Orientation orientation = Orientation::Rotate0;
	Mode mode = Mode::Exact;
	std::optional<Capture> capture;
	unsigned int frameRate = 30;		/* frames / s */
	std::vector<std::string> frames;	/* files; empty where there is a file of all */
	std::vector<FrameInfo> infos;		/* one a frame */
	bool loop = true;

	std::string source;			/* camera or files that it was made of */
	std::vector<ColourMatrix> matrices;	/* at most two */
	std::optional<NoiseModel> noise;
	size_t bracket = 1;			/* frames of one scene at several exposures */

	std::shared_ptr<const RecordingFile> file;

	size_t count() const { return file ? infos.size() : frames.size(); }
	FrameInfo info(size_t frame) const;
};

std::optional<Recording> parseRecording(std::string_view text, const std::string &fileName,
					std::string *error);
std::optional<Recording> parseDescription(std::string_view text, const std::string &fileName,
					  std::string *error);
std::string describe(const Recording &recording);
std::optional<Recording> loadRecording(const std::string &file,
				       const std::vector<std::string> &dataDirectories,
				       std::string *error);

/* Reads frames; what it needs to do so is kept from frame to frame. */
class FrameReader
{
public:
	bool read(const Recording &recording, size_t frame, std::vector<uint16_t> *samples,
		  std::string *error);

private:
	std::vector<uint8_t> bytes_;
};

bool readFrame(const Recording &recording, size_t frame, std::vector<uint16_t> *samples,
	       std::string *error);

} /* namespace fovea::sensor */
