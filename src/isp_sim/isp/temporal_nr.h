/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Temporal noise reduction
 */

#pragma once

#include <memory>
#include <stddef.h>
#include <stdint.h>
#include <vector>

#include <hwy/aligned_allocator.h>

#include "line_buffer.h"
#include "plane.h"

namespace fovea::isp {

/* Planes of a row of quads: luma by position, Cb, Cr. */
inline constexpr unsigned int kQuadPlanes = 6;

/* What the reference keeps from frame to frame: planes Y', Cb, Cr in Q12.3. */
struct TemporalState {
	bool valid = false;
	Planes planes;
};

void temporalNrReference(const fovea_isp_temporal_nr &params, TemporalState *state, Planes *ycbcr);

/*
 * The same for the engine: the picture of the last frame, and that of this one. Rows
 * that several bands read are kept apart, so that bands do not depend on each other;
 * of all others the new ones take the place of the last.
 */
class TemporalFrames
{
public:
	explicit TemporalFrames(const Size &size);

	void replaceInPlace(unsigned int q) { inPlace_[q] = true; }

	bool valid() const { return valid_; }
	const uint16_t *last(unsigned int plane, unsigned int q) const { return row(1 - now_, plane, q); }
	uint16_t *now(unsigned int plane, unsigned int q) const { return row(now_, plane, q); }

	void prefetch(unsigned int q, unsigned int part, unsigned int parts) const;

	void forget() { valid_ = false; }
	void advance();

private:
	uint16_t *row(unsigned int frame, unsigned int plane, unsigned int q) const
	{
		return frames_[inPlace_[q] ? 0 : frame].get() + (static_cast<size_t>(q) * kQuadPlanes + plane) * stride_;
	}

	const size_t stride_;
	const unsigned int rows_;
	bool valid_ = false;
	unsigned int now_ = 0;
	std::vector<uint8_t> inPlace_;
	hwy::AlignedFreeUniquePtr<uint16_t[]> frames_[2];
};

/* A row of quads: what comes in is replaced. */
struct TemporalRow {
	uint16_t *planes[kQuadPlanes];
	const uint16_t *last[kQuadPlanes];
	uint16_t *now[kQuadPlanes];
};

class TemporalRows
{
public:
	explicit TemporalRows(unsigned int quadsX);

	void apply(const fovea_isp_temporal_nr &params, const TemporalFrames &frames, unsigned int q,
		   bool keep, uint16_t *const planes[kQuadPlanes]);

private:
	const unsigned int quadsX_;
	/* Differences of the sums of quads. */
	LineBuffer<uint16_t> motion_;
	/* In place of the rows of the reference that are another band's. */
	LineBuffer<uint16_t> unused_[kQuadPlanes];
};

} /* namespace fovea::isp */
