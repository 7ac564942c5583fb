/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Recordings of live cameras, and whether their replay is the same
 */

#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include <libcamera/controls.h>

#include "isp_sim/sensor/recording_file.h"

#include "session.h"

namespace fovea::tune {

/* Controls of requests by their number; what a request does not set stays. */
using ControlScript = std::map<unsigned int, libcamera::ControlList>;

struct RecordOptions {
	std::string camera;		/* id; the first where it is empty */
	std::string size;		/* of the raw frames, WIDTHxHEIGHT; the largest where it is empty */
	std::string pictures = "320x240";	/* size of the pictures beside them, or "none" */
	std::string controls;		/* file with lines "FRAME Name = value" */
	unsigned int frames = 30;
	bool realTime = false;		/* the camera does not wait for requests */
};

using RecordProgress = std::function<void(unsigned int frame, unsigned int frames)>;

struct RecordSummary {
	sensor::Recording recording;
	unsigned int frames = 0;
	unsigned int lost = 0;		/* by their sequence numbers */
	bool ispBuffers = false;	/* the camera tells statistics and parameters */
};

int record(const std::string &output, const RecordOptions &options, const RecordProgress &progress,
	   RecordSummary *summary, std::string *error);
int verify(const std::string &recording, const RecordProgress &progress, std::string *error);

} /* namespace fovea::tune */
