/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Histograms of zones
 */

#include "tone_stats.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "isp_sim/isp/tone_stats.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "row_kernel-inl.h"

HWY_BEFORE_NAMESPACE();
namespace fovea::isp::HWY_NAMESPACE {

/*
 * In octave k the bin is 4 * (k - 7) + (v >> (k - 2)). As the bins are a concave
 * curve over v, it is the smallest of what all octaves would give.
 */
template<int kOctave>
HWY_INLINE VU16 limitToOctave(VU16 v, VU16 bin)
{
	const U16 d;
	const VU16 own = hn::Add(hn::ShiftRight<kOctave - 2>(v), hn::Set(d, 4 * (kOctave - 7)));
	return hn::Min(bin, own);
}

HWY_INLINE VU16 toneBinOf(VU16 v)
{
	VU16 bin = hn::ShiftRight<5>(v);
	bin = limitToOctave<8>(v, bin);
	bin = limitToOctave<9>(v, bin);
	bin = limitToOctave<10>(v, bin);
	bin = limitToOctave<11>(v, bin);
	bin = limitToOctave<12>(v, bin);
	return limitToOctave<13>(v, bin);
}

static void toneBinsKernel(const QuadRows &rows, bool brightest, size_t n, uint16_t *bins)
{
	const U16 d;

	for (size_t i = 0; i < n; i += hn::Lanes(d)) {
		const VU16 r = hn::LoadU(d, rows.r + i);
		const VU16 gr = hn::LoadU(d, rows.gr + i);
		const VU16 gb = hn::LoadU(d, rows.gb + i);
		const VU16 b = hn::LoadU(d, rows.b + i);

		const VU16 sum = hn::Add(hn::Add(r, gr), hn::Add(gb, b));
		const VU16 mean = hn::ShiftRight<2>(hn::Add(sum, hn::Set(d, 2)));
		const VU16 max = hn::Max(hn::Max(r, gr), hn::Max(gb, b));
		hn::StoreU(toneBinOf(brightest ? max : mean), d, bins + i);
	}
}

} /* namespace fovea::isp::HWY_NAMESPACE */
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace fovea::isp {

HWY_EXPORT(toneBinsKernel);

namespace {

constexpr unsigned int kZonesX = FOVEA_ISP_TONE_ZONES_X;
constexpr unsigned int kZonesY = FOVEA_ISP_TONE_ZONES_Y;

fovea_isp_zone_geometry toneGeometry(unsigned int quadsX, unsigned int quadsY)
{
	return { kZonesX, kZonesY, static_cast<uint16_t>(quadsX), static_cast<uint16_t>(quadsY) };
}

unsigned int toneBin(unsigned int v)
{
	if (v < 128)
		return v >> 5;

	unsigned int octave = 7;
	while (v >> (octave + 1))
		octave++;
	return 4 * (octave - 7) + (v >> (octave - 2));
}

} /* namespace */

/**
 * Histograms of the zones of a whole frame
 * @params: what counts of a quad
 * @order: colours of the mosaic
 * @mosaic: samples behind the black level, 0 to 16383
 * @stats: receives the tone part, its geometry and its flag
 *
 * Each quad's mean (R + Gr + Gb + B + 2) >> 2, or its largest sample, v of UQ0.14, adds 1
 * to bin v >> 5 where v < 128, else 4 (k - 7) + (v >> (k - 2)), k = floor(log2 v): four
 * bins an octave. Histograms of log luminance: G. Ward Larson, H. Rushmeier and C.
 * Piatko, "A visibility matching tone reproduction operator for high dynamic range
 * scenes", IEEE Trans. Visualization and Computer Graphics 3 (4), 1997. Definition:
 * struct fovea_isp_tone_zone. The part is zero and has no flag where the block is
 * disabled.
 */
void toneStatsReference(const fovea_isp_tone_stats_config &params, BayerOrder order,
			const Plane &mosaic, fovea_isp_stats_buffer *stats)
{
	if (blockDisabled(params.header))
		return;

	const unsigned int quadsX = mosaic.width / 2;
	const unsigned int quadsY = mosaic.height / 2;

	stats->flags |= FOVEA_ISP_STATS_FL_TONE;
	stats->tone_geometry = toneGeometry(quadsX, quadsY);

	for (unsigned int y = 0; y < quadsY; ++y) {
		for (unsigned int x = 0; x < quadsX; ++x) {
			const auto v = quadAt(mosaic, order, x, y);
			const unsigned int zone = zoneOf(y, kZonesY, quadsY) * kZonesX + zoneOfColumn(x, kZonesX, quadsX);
			const unsigned int value = params.measure == FOVEA_ISP_TONE_BRIGHTEST
						 ? std::max({ v[0], v[1], v[2], v[3] })
						 : (v[0] + v[1] + v[2] + v[3] + 2) >> 2;
			stats->tone_zones[zone].bins[toneBin(value)]++;
		}
	}
}

/**
 * Find the bins of a row of @n quads
 * @rows: samples behind the black level
 * @brightest: count the brightest sample, not the mean
 * @bins: receives the bin of each quad
 *
 * All rows reach up to a whole vector.
 */
void toneBins(const QuadRows &rows, bool brightest, size_t n, uint16_t *bins)
{
	HWY_DYNAMIC_DISPATCH(toneBinsKernel)(rows, brightest, n, bins);
}

ToneAccumulator::ToneAccumulator(unsigned int quadsX, unsigned int quadsY)
	: quadsX_(quadsX), quadsY_(quadsY), bins_(quadsX + kRowMargin)
{
}

/* Forget the last frame and take the measure of the next. */
void ToneAccumulator::start(const fovea_isp_tone_stats_config &params)
{
	brightest_ = params.measure == FOVEA_ISP_TONE_BRIGHTEST;
	zones_ = {};
}

void ToneAccumulator::addRow(unsigned int quadRow, const QuadRows &rows)
{
	toneBins(rows, brightest_, quadsX_, bins_.data());

	const unsigned int firstZone = zoneOf(quadRow, kZonesY, quadsY_) * kZonesX;
	for (unsigned int zone = 0; zone < kZonesX; ++zone) {
		uint32_t *first = zones_[0][firstZone + zone].bins;
		uint32_t *second = zones_[1][firstZone + zone].bins;
		uint32_t *third = zones_[2][firstZone + zone].bins;
		uint32_t *fourth = zones_[3][firstZone + zone].bins;
		const uint16_t *bins = bins_.data();
		const unsigned int end = zoneColumn(zone + 1, kZonesX, quadsX_);
		unsigned int x = zoneColumn(zone, kZonesX, quadsX_);
		for (; x + 3 < end; x += 4) {
			first[bins[x]]++;
			second[bins[x + 1]]++;
			third[bins[x + 2]]++;
			fourth[bins[x + 3]]++;
		}
		for (; x < end; ++x)
			first[bins[x]]++;
	}
}

/* Add the histograms of this band to those of the frame. */
void ToneAccumulator::addTo(fovea_isp_stats_buffer *stats) const
{
	stats->flags |= FOVEA_ISP_STATS_FL_TONE;
	stats->tone_geometry = toneGeometry(quadsX_, quadsY_);
	for (const auto &zones : zones_) {
		for (unsigned int i = 0; i < FOVEA_ISP_TONE_ZONES; ++i) {
			for (unsigned int bin = 0; bin < FOVEA_ISP_TONE_HIST_BINS; ++bin)
				stats->tone_zones[i].bins[bin] += zones[i].bins[bin];
		}
	}
}

} /* namespace fovea::isp */
#endif
