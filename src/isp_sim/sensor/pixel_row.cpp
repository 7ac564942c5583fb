/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Rows of pixels: light, noise, conversion
 */

#include "isp_sim/sensor/pixel_row.h"

#include <algorithm>
#include <math.h>

#include "isp_sim/sensor/noise.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "isp_sim/sensor/pixel_row.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

/*
 * Frames are equal to the bit on every machine, whatever its vectors: the arithmetic is
 * that of single precision numbers in the order that is written, without fused
 * multiply-adds, and each of its operations is rounded as IEEE 754 says.
 */

#ifndef FOVEA_SENSOR_PIXEL_ROW_CONSTANTS_
#define FOVEA_SENSOR_PIXEL_ROW_CONSTANTS_

namespace fovea::sensor {

namespace {

/* The increment of the counter, 2^32 over the golden ratio, and the finaliser of MurmurHash3. */
constexpr uint32_t kIncrement = 0x9e3779b9u;
constexpr uint32_t kMix1 = 0x85ebca6bu;
constexpr uint32_t kMix2 = 0xc2b2ae35u;

constexpr float kGainUnit = 1.0f / kGainOne;

} /* namespace */

} /* namespace fovea::sensor */

#endif /* FOVEA_SENSOR_PIXEL_ROW_CONSTANTS_ */

HWY_BEFORE_NAMESPACE();
namespace fovea::sensor::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using Df = hn::ScalableTag<float>;
using Di = hn::ScalableTag<int32_t>;
using Du = hn::ScalableTag<uint32_t>;
using Vf = hn::Vec<Df>;
using Vi = hn::Vec<Di>;

HWY_INLINE Vf loadUnsigned(const uint16_t *p)
{
	return hn::ConvertTo(Df(), hn::PromoteTo(Di(), hn::LoadU(hn::Rebind<uint16_t, Df>(), p)));
}

HWY_INLINE Vf loadSigned(const int16_t *p)
{
	return hn::ConvertTo(Df(), hn::PromoteTo(Di(), hn::LoadU(hn::Rebind<int16_t, Df>(), p)));
}

static void lightRowKernel(const uint16_t *index, size_t width, float scale, bool add, float *light)
{
	const Df d;
	const Vf factor = hn::Set(d, scale);
	size_t x = 0;

	for (; x + hn::Lanes(d) <= width; x += hn::Lanes(d)) {
		const Vf root = loadUnsigned(index + x);
		const Vf value = hn::Mul(hn::Mul(root, root), factor);
		hn::StoreU(add ? hn::Add(hn::LoadU(d, light + x), value) : value, d, light + x);
	}

	/* A map ends with its last pixel. */
	lightRowReference(index + x, width - x, scale, add, light + x);
}

/* One of the equally likely values of the Gaussian table for each counter. */
HWY_INLINE Vf noiseOf(hn::Vec<Du> counter, const uint32_t seeds[2], const float *table)
{
	const Du d;
	hn::Vec<Du> v = hn::Add(hn::Mul(counter, hn::Set(d, kIncrement)), hn::Set(d, seeds[0]));

	v = hn::Xor(v, hn::ShiftRight<16>(v));
	v = hn::Mul(v, hn::Set(d, kMix1));
	v = hn::Add(hn::Xor(v, hn::ShiftRight<13>(v)), hn::Set(d, seeds[1]));
	v = hn::Mul(v, hn::Set(d, kMix2));
	v = hn::Xor(v, hn::ShiftRight<16>(v));

	return hn::GatherIndex(Df(), table, hn::BitCast(Di(), hn::ShiftRight<32 - kGaussianBits>(v)));
}

/* See pixelElectrons(). */
template<bool Bent>
HWY_INLINE Vf electronsOf(Vf light, const RowExposure &row, Vf *variance)
{
	const Df d;
	const Vf all = hn::Add(light, hn::Set(d, row.dark));

	if constexpr (!Bent) {
		*variance = hn::Min(all, hn::Set(d, row.well));
		return *variance;
	}

	const Vf one = hn::Set(d, 1.0f);
	const Vf knee = hn::Set(d, row.knee);
	const Vf room = hn::Set(d, row.well - row.knee);
	const Vf t = hn::Div(hn::Max(hn::Sub(all, knee), hn::Zero(d)), room);
	const Vf u = hn::Add(one, t);
	const Vf u2 = hn::Mul(u, u);

	*variance = hn::Div(all, hn::Mul(u2, u2));
	return hn::Add(hn::Min(all, knee), hn::Mul(room, hn::Div(t, u)));
}

template<bool Bent, bool Split>
static void codeRowLoop(const float *light, size_t width, const RowPattern &pattern,
			const RowExposure &row, const float *table, int32_t *codes)
{
	const Df d;
	const Vf zero = hn::Zero(d);
	const Vf half = hn::Set(d, 0.5f);
	const Vf white = hn::Set(d, row.white);
	const Vf scale = hn::Set(d, row.scale);

	for (size_t x = 0; x < width; x += hn::Lanes(d)) {
		const Vf gain = hn::Mul(loadUnsigned(pattern.gain + x), hn::Set(d, kGainUnit));
		Vf shot;
		const Vf electrons = electronsOf<Bent>(hn::Mul(hn::LoadU(d, light + x), gain), row, &shot);

		Vf mean = hn::Add(hn::Set(d, row.base), hn::Mul(electrons, scale));
		mean = hn::Add(mean, hn::Mul(loadSigned(pattern.offset + x), hn::Set(d, row.offsetScale)));
		mean = hn::Add(mean, hn::LoadU(d, pattern.column + x));

		Vf variance = hn::Set(d, row.variance);
		Vf step = hn::Set(d, 1.0f);
		if constexpr (Split) {
			const auto low = hn::Ge(electrons, hn::Set(d, row.split));
			variance = hn::IfThenElse(low, hn::Set(d, row.lowVariance), variance);
			step = hn::IfThenElse(low, hn::Set(d, row.lowStep), step);
		}
		variance = hn::Add(hn::Mul(hn::Mul(shot, scale), scale), variance);

		const Vf noise = noiseOf(hn::Iota(Du(), static_cast<uint32_t>(x)), row.seeds, table);
		const Vf deviation = hn::Mul(hn::Sqrt(variance), hn::Set(d, row.noiseScale));
		Vf code = hn::Add(mean, hn::Mul(deviation, noise));
		if constexpr (Split)
			code = hn::Div(code, step);

		Vi result = hn::ConvertTo(Di(), hn::Min(hn::Max(hn::Add(code, half), zero), white));
		if constexpr (Split)
			result = hn::Min(hn::Mul(result, hn::ConvertTo(Di(), step)),
					 hn::ConvertTo(Di(), white));
		hn::StoreU(result, Di(), codes + x);
	}
}

static void codeRowKernel(const float *light, size_t width, const RowPattern &pattern,
			  const RowExposure &row, const float *table, int32_t *codes)
{
	const bool bent = row.knee < row.well;

	if (row.lowStep > 1.0f) {
		if (bent)
			codeRowLoop<true, true>(light, width, pattern, row, table, codes);
		else
			codeRowLoop<false, true>(light, width, pattern, row, table, codes);
	} else {
		if (bent)
			codeRowLoop<true, false>(light, width, pattern, row, table, codes);
		else
			codeRowLoop<false, false>(light, width, pattern, row, table, codes);
	}
}

/* The sum of what the neighbours give, in the order of crosstalkRowReference(). */
HWY_INLINE Vf gather(const float *up, const float *row, const float *down, Vf own, Vf edge, Vf corner)
{
	const Df d;
	const Vf edges = hn::Add(hn::Add(hn::LoadU(d, row - 1), hn::LoadU(d, row + 1)),
				 hn::Add(hn::LoadU(d, up), hn::LoadU(d, down)));
	const Vf corners = hn::Add(hn::Add(hn::LoadU(d, up - 1), hn::LoadU(d, up + 1)),
				   hn::Add(hn::LoadU(d, down - 1), hn::LoadU(d, down + 1)));

	return hn::Add(hn::Mul(hn::LoadU(d, row), own),
		       hn::Add(hn::Mul(edges, edge), hn::Mul(corners, corner)));
}

static void crosstalkRowKernel(const float *const rows[3], size_t width, const Crosstalk &shares,
			       uint16_t *index)
{
	const Df d;
	const hn::Rebind<uint16_t, Df> narrow;
	const Vf half = hn::Set(d, 0.5f);
	const Vf own = hn::Set(d, shares.own);
	const Vf edge = hn::Set(d, shares.edge);
	const Vf corner = hn::Set(d, shares.corner);
	size_t x = 0;

	for (; x + hn::Lanes(d) <= width; x += hn::Lanes(d)) {
		const Vf sum = gather(rows[0] + x, rows[1] + x, rows[2] + x, own, edge, corner);
		const Vi root = hn::ConvertTo(Di(), hn::Add(hn::Sqrt(sum), half));
		hn::StoreU(hn::DemoteTo(narrow, root), narrow, index + x);
	}

	const float *const rest[3] = { rows[0] + x, rows[1] + x, rows[2] + x };
	crosstalkRowReference(rest, width - x, shares, index + x);
}

} /* namespace fovea::sensor::HWY_NAMESPACE */
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

namespace fovea::sensor {

namespace {

HWY_EXPORT(lightRowKernel);
HWY_EXPORT(codeRowKernel);
HWY_EXPORT(crosstalkRowKernel);

const float *noiseTable()
{
	static const auto table = [] {
		std::array<float, size_t{ 1 } << kGaussianBits> values;
		std::transform(gaussianTable().begin(), gaussianTable().end(), values.begin(),
			       [](int16_t v) { return v / float(1 << kGaussianFraction); });
		return values;
	}();

	return table.data();
}

float noiseAt(uint32_t x, const uint32_t seeds[2])
{
	uint32_t v = x * kIncrement + seeds[0];

	v ^= v >> 16;
	v *= kMix1;
	v = (v ^ (v >> 13)) + seeds[1];
	v *= kMix2;
	v ^= v >> 16;

	return noiseTable()[v >> (32 - kGaussianBits)];
}

} /* namespace */

/**
 * \brief The electrons that a pixel has collected
 * \param[in] light Electrons that light would bring into a pixel without end
 * \param[in] row Dark current and capacity
 * \param[out] variance The variance of the electrons, electrons^2
 *
 * A well that ends hard holds min(light + dark, well); the converter behind it clips
 * earlier, so it does not matter that the noise of a full well stays. A soft end, as
 * overflow through the barrier makes it, begins at the knee k: with t = (e - k) / (well -
 * k) the well holds k + (well - k) t / (1 + t), whose slope (1 + t)^-2 at the
 * knee is 1; the shot noise shrinks by that slope, as photon-transfer curves show it.
 */
float pixelElectrons(float light, const RowExposure &row, float *variance)
{
	const float all = light + row.dark;

	if (row.knee >= row.well) {
		*variance = std::min(all, row.well);
		return *variance;
	}

	const float room = row.well - row.knee;
	const float t = std::max(all - row.knee, 0.0f) / room;
	const float u = 1.0f + t;
	const float u2 = u * u;

	*variance = all / (u2 * u2);
	return std::min(all, row.knee) + room * (t / u);
}

/**
 * \brief The code of one pixel, before it is companded
 * \param[in] light Electrons that light brings to a pixel of mean response
 * \param[in] x The pixel's place in the row, which decides its noise
 * \param[in] pattern Fixed patterns of the row
 * \param[in] row What the row has in common
 *
 * The photon transfer: the electrons e of pixelElectrons() with their variance, the
 * noise of what reads them, and the gain, which makes codes of both. Shot noise is
 * taken as Gaussian, which it is within a fraction of a code down to about ten
 * electrons; its variance is right everywhere. A pixel that is read with two gains
 * gives the codes of the high one up to the split, and beyond it those of the low one,
 * which has a step of lowStep codes.
 */
int32_t pixelCode(float light, size_t x, const RowPattern &pattern, const RowExposure &row)
{
	const float gain = pattern.gain[x] * kGainUnit;
	float shot;
	const float electrons = pixelElectrons(light * gain, row, &shot);
	float mean = row.base + electrons * row.scale;
	mean = mean + pattern.offset[x] * row.offsetScale;
	mean = mean + pattern.column[x];

	const bool low = row.lowStep > 1.0f && electrons >= row.split;
	const float variance = shot * row.scale * row.scale + (low ? row.lowVariance : row.variance);
	const float step = low ? row.lowStep : 1.0f;
	const float deviation = sqrtf(variance) * row.noiseScale;
	const float code = (mean + deviation * noiseAt(x, row.seeds)) / step;
	const auto result = static_cast<int32_t>(std::min(std::max(code + 0.5f, 0.0f), row.white));

	return std::min(result * static_cast<int32_t>(step), static_cast<int32_t>(row.white));
}

/**
 * \brief The light of a row, from companded signals
 * \param[in] index The signals; see SignalMap
 * \param[in] width Pixels
 * \param[in] scale Electrons that an index of 1 stands for in this exposure
 * \param[in] add Whether to add to what \a light has
 * \param[inout] light Electrons
 */
void lightRowReference(const uint16_t *index, size_t width, float scale, bool add, float *light)
{
	for (size_t x = 0; x < width; x++) {
		const float root = index[x];
		const float value = root * root * scale;
		light[x] = add ? light[x] + value : value;
	}
}

/** \brief The codes of a row; see pixelCode(), which is the definition */
void codeRowReference(const float *light, size_t width, const RowPattern &pattern,
		      const RowExposure &row, int32_t *codes)
{
	for (size_t x = 0; x < width; x++)
		codes[x] = pixelCode(light[x], x, pattern, row);
}

/**
 * \brief Companded signals of a row with what comes from neighbours
 * \param[in] rows The squares of the indices of the rows above, of this one and below;
 * elements -1 and \a width are valid
 * \param[in] width Pixels
 * \param[in] shares How signals are shared; at most 1 in sum
 * \param[out] index The companded sum
 *
 * Light and charge that go astray do so before they are counted: the shares add up in
 * the mean, and the noise is that of the sum, not correlated between neighbours.
 */
void crosstalkRowReference(const float *const rows[3], size_t width, const Crosstalk &shares,
			   uint16_t *index)
{
	for (size_t x = 0; x < width; x++) {
		const float *u = rows[0] + x, *r = rows[1] + x, *d = rows[2] + x;
		const float edges = (r[-1] + r[1]) + (u[0] + d[0]);
		const float corners = (u[-1] + u[1]) + (d[-1] + d[1]);
		const float sum = r[0] * shares.own + (edges * shares.edge + corners * shares.corner);

		index[x] = static_cast<uint16_t>(std::min(sqrtf(sum) + 0.5f, 65535.0f));
	}
}

/** \brief lightRowReference(), vectorised */
void lightRow(const uint16_t *index, size_t width, float scale, bool add, float *light)
{
	HWY_DYNAMIC_DISPATCH(lightRowKernel)(index, width, scale, add, light);
}

/**
 * \brief codeRowReference(), vectorised
 *
 * All buffers, those of \a pattern too, have room for kRowPadding pixels behind \a width.
 */
void codeRow(const float *light, size_t width, const RowPattern &pattern,
	     const RowExposure &row, int32_t *codes)
{
	HWY_DYNAMIC_DISPATCH(codeRowKernel)(light, width, pattern, row, noiseTable(), codes);
}

/** \brief crosstalkRowReference(), vectorised */
void crosstalkRow(const float *const rows[3], size_t width, const Crosstalk &shares,
		  uint16_t *index)
{
	HWY_DYNAMIC_DISPATCH(crosstalkRowKernel)(rows, width, shares, index);
}

} /* namespace fovea::sensor */

#endif /* HWY_ONCE */
