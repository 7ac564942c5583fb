/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * All statistics of a band of rows of quads
 */

#pragma once

#include <optional>

#include "ae_stats.h"
#include "af_stats.h"
#include "awb_stats.h"
#include "frame.h"
#include "row_stats.h"
#include "tone_stats.h"

namespace fovea::isp {

/* What two rows of quads add to exposure, white balance and focus. */
struct CommonStats {
	AeColumns ae;
	AwbColumns awb;
	uint16_t *evenLuma;
	uint16_t *oddLuma;
};

class BandStats
{
public:
	explicit BandStats(const Size &size);

	void start(const Frame &frame);
	void addRow(const Frame &frame, unsigned int q, const QuadRows &rows);
	void finish(unsigned int last);
	void addTo(const Frame &frame, fovea_isp_stats_buffer *stats) const;

private:
	void addAlone(const Frame &frame, unsigned int q, const QuadRows &rows);
	void addCommon(unsigned int q, const QuadRows &rows);
	void addWaiting(unsigned int q);

	const unsigned int quadsX_;
	const unsigned int quadsY_;
	/* Exposure, white balance and focus are all enabled, and taken in one pass. */
	bool common_ = false;
	/* A row that is added with the next one. */
	std::optional<QuadRows> waiting_;
	AeAccumulator ae_;
	AwbAccumulator awb_;
	AfAccumulator af_;
	RowAccumulator rows_;
	ToneAccumulator tone_;
};

} /* namespace fovea::isp */
