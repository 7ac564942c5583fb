/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * All statistics of a band of rows of quads
 */

#pragma once

#include "ae_stats.h"
#include "af_stats.h"
#include "awb_stats.h"
#include "frame.h"
#include "row_stats.h"
#include "tone_stats.h"

namespace fovea::isp {

class BandStats
{
public:
	explicit BandStats(const Size &size)
		: ae_(size.width / 2, size.height / 2), awb_(size.width / 2, size.height / 2),
		  af_(size.width / 2, size.height / 2), rows_(size.width / 2, size.height / 2),
		  tone_(size.width / 2, size.height / 2)
	{
	}

	void start(const Frame &frame)
	{
		ae_.start(frame.params.aeStats);
		awb_.start(frame.params.awbStats);
		af_.start(frame.params.afStats);
		if (frame.rowStats())
			rows_.start(frame.params.rowStats);
		if (frame.toneStats())
			tone_.start(frame.params.toneStats);
	}

	void addRow(const Frame &frame, int q, const QuadRows &rows)
	{
		if (frame.aeStats())
			ae_.addRow(q, rows);
		if (frame.awbStats())
			awb_.addRow(q, rows);
		if (frame.afStats())
			af_.addRow(q, rows);
		if (frame.rowStats())
			rows_.addRow(q, rows);
		if (frame.toneStats())
			tone_.addRow(q, rows);
	}

	void finish()
	{
		ae_.finish();
		awb_.finish();
		af_.finish();
	}

	void addTo(const Frame &frame, fovea_isp_stats_buffer *stats) const
	{
		if (frame.aeStats())
			ae_.addTo(stats);
		if (frame.awbStats())
			awb_.addTo(stats);
		if (frame.afStats())
			af_.addTo(stats);
		if (frame.rowStats())
			rows_.addTo(stats);
		if (frame.toneStats())
			tone_.addTo(stats);
	}

private:
	AeAccumulator ae_;
	AwbAccumulator awb_;
	AfAccumulator af_;
	RowAccumulator rows_;
	ToneAccumulator tone_;
};

} /* namespace fovea::isp */
