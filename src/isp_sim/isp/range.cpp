/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Compression of the linear range to 14 bits
 */

#include "range.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "isp_sim/isp/range.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "linear_kernel-inl.h"

HWY_BEFORE_NAMESPACE();
namespace fovea::isp::HWY_NAMESPACE {

HWY_INLINE void storeLinear(VU32 v, uint16_t *out)
{
	const hn::Rebind<uint16_t, U32> d16;
	const VU32 limited = hn::Min(v, hn::Set(U32(), 16383));
	hn::StoreU(hn::DemoteTo(d16, hn::BitCast(D32(), limited)), d16, out);
}

HWY_INLINE V32 lookUpSegments(const int32_t *segments, V32 index)
{
#if HWY_ARCH_X86 && HWY_TARGET <= HWY_AVX3
	const D32 d;
	const auto lookUp = [&](const int32_t *from) HWY_ATTR {
		return _mm512_permutex2var_epi32(hn::LoadU(d, from).raw, index.raw, hn::LoadU(d, from + 16).raw);
	};
	const __mmask16 upper = _mm512_test_epi32_mask(index.raw, hn::Set(d, 32).raw);
	return V32{ _mm512_mask_blend_epi32(upper, lookUp(segments), lookUp(segments + 32)) };
#else
	return hn::GatherIndex(D32(), segments, index);
#endif
}

/*
 * The gains for the brightest samples, between those of a segment, of which the first
 * is in the lower half. As floating-point numbers, which are
 * exact, they have the octave and the two bits behind it beside each other, and what
 * is left of the mantissa is the fraction.
 */
HWY_INLINE VU32 gainOf(VU32 brightest, const int32_t *segments)
{
	const D32 d;
	const hn::RebindToFloat<D32> df;
	constexpr int32_t kFirst = (127 + 6) * 4;
	const V32 v = hn::BitCast(d, hn::Max(brightest, hn::Set(U32(), 64)));
	const V32 bits = hn::BitCast(d, hn::ConvertTo(df, v));
	const V32 segment = hn::Sub(hn::ShiftRight<21>(bits), hn::Set(d, kFirst));
	const V32 fraction = hn::ShiftRight<6>(hn::And(bits, hn::Set(d, (1 << 21) - 1)));

	const V32 both = lookUpSegments(segments, segment);
	const V32 from = hn::And(both, hn::Set(d, 65535));
	const V32 to = hn::BitCast(d, hn::ShiftRight<16>(hn::BitCast(U32(), both)));
	const V32 step = hn::Add(hn::Mul(hn::Sub(to, from), fraction), hn::Set(d, 16384));
	return hn::BitCast(U32(), hn::Add(from, hn::ShiftRight<15>(step)));
}

/* The largest of two neighbours in a row: of a quad, and of a column with the next quad's. */
class RowMaxima
{
public:
	HWY_INLINE RowMaxima(const uint32_t *even, const uint32_t *odd)
	{
		const U32 d;
		const VU32 left = hn::LoadU(d, even);
		const VU32 right = hn::LoadU(d, odd);
		own_ = hn::Max(left, right);
		before_ = hn::Max(hn::LoadU(d, odd - 1), left);
		behind_ = hn::Max(right, hn::LoadU(d, even + 1));
	}

	/* The smaller maximum of the two squares that have the even (odd) column of both rows. */
	HWY_INLINE VU32 even(const RowMaxima &other) const
	{
		return hn::Min(hn::Max(own_, other.own_), hn::Max(before_, other.before_));
	}

	HWY_INLINE VU32 odd(const RowMaxima &other) const
	{
		return hn::Min(hn::Max(own_, other.own_), hn::Max(behind_, other.behind_));
	}

private:
	VU32 own_, before_, behind_;
};

static void compressRowKernel(const int32_t *segments, size_t n, const RangeRows &in,
			      const std::array<uint16_t *, 4> &out)
{
	const RangeRows rows = in;

	for (size_t i = 0; i < n; i += hn::Lanes(U32())) {
		const RowMaxima above(rows.above[0] + i, rows.above[1] + i);
		const RowMaxima upper(rows.quads[0] + i, rows.quads[1] + i);
		const RowMaxima lower(rows.quads[2] + i, rows.quads[3] + i);
		const RowMaxima below(rows.below[0] + i, rows.below[1] + i);
		const VU32 even = upper.even(lower);
		const VU32 odd = upper.odd(lower);
		const VU32 brightest[4] = { hn::Min(above.even(upper), even), hn::Min(above.odd(upper), odd),
					    hn::Min(even, lower.even(below)), hn::Min(odd, lower.odd(below)) };
		HWY_UNROLL(4)
		for (unsigned int k = 0; k < 4; ++k) {
			const VU32 v = hn::LoadU(U32(), rows.quads[k] + i);
			storeLinear(multiplyLinear<16>(v, gainOf(brightest[k], segments)), out[k] + i);
		}
	}
}

static void quarterRowKernel(size_t n, const LinearRows &in, const std::array<uint16_t *, 4> &out)
{
	const U32 d;
	const VU32 half = hn::Set(d, 2);

	for (unsigned int k = 0; k < 4; ++k) {
		for (size_t i = 0; i < n; i += hn::Lanes(d))
			storeLinear(hn::ShiftRight<2>(hn::Add(hn::LoadU(d, in[k] + i), half)), out[k] + i);
	}
}

} /* namespace fovea::isp::HWY_NAMESPACE */
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace fovea::isp {

HWY_EXPORT(compressRowKernel);
HWY_EXPORT(quarterRowKernel);

namespace {

/* Of the gains, and as many more as fill four of the widest vectors. */
constexpr unsigned int kSegments = 64;
static_assert(kSegments >= FOVEA_ISP_RANGE_POINTS - 1);

/* The gain that leaves the 16-bit range as it is. */
constexpr uint32_t kQuarter = 16384;

uint32_t gainOf(const fovea_isp_range &params, uint32_t brightest)
{
	const uint32_t v = std::max(brightest, 64U);
	unsigned int octave = 6;
	while (v >> (octave + 1))
		octave++;

	const unsigned int segment = 4 * (octave - 6) + ((v >> (octave - 2)) & 3);
	const uint32_t rest = v & ((1U << (octave - 2)) - 1);
	const int fraction = static_cast<int>(octave <= 17 ? rest << (17 - octave) : rest >> (octave - 17));
	const int from = params.gain[segment];
	const int to = params.gain[segment + 1];
	return static_cast<uint32_t>(from + (((to - from) * fraction + 16384) >> 15));
}

/* The largest of the four samples from (x, y) on. */
uint32_t brightestOfSquare(const LinearPlane &in, unsigned int x, unsigned int y)
{
	const uint32_t *upper = in.row(y) + x;
	const uint32_t *lower = in.row(y + 1) + x;
	return std::max({ upper[0], upper[1], lower[0], lower[1] });
}

/* Of the squares of 2x2 samples inside of the frame with (x, y) the darkest one's largest sample. */
uint32_t brightestAround(const LinearPlane &in, unsigned int x, unsigned int y)
{
	uint32_t least = kLinearRangeMax;

	for (unsigned int top = y ? y - 1 : 0; top <= y && top + 1 < in.height; ++top) {
		for (unsigned int left = x ? x - 1 : 0; left <= x && left + 1 < in.width; ++left)
			least = std::min(least, brightestOfSquare(in, left, top));
	}
	return least;
}

} /* namespace */

/**
 * Bring linear samples to the working range
 * @params: the gains
 * @in: samples of 20 bits
 * @mosaic: receives samples of 0 to 16383
 *
 * out = min(16383, (in * g + 2^15) >> 16), where g, UQ0.16, is a piecewise linear
 * function of the brightest sample around: every square of 2x2 samples has all colours,
 * so that where the picture is even all of them get one gain and their ratios stay (C.
 * Schlick, "Quantization techniques for visualization of high dynamic range pictures",
 * 1994, does so with the luminance). Of the four squares that have the sample the one
 * with the smallest maximum counts, a closing with a 2x2 square (J. Serra, "Image
 * analysis and mathematical morphology", 1982): it lies on the sample's own side of an
 * edge, and a brighter neighbour does not darken the sample. Definition: struct
 * fovea_isp_range.
 */
void rangeReference(const fovea_isp_range &params, const LinearPlane &in, Plane *mosaic)
{
	const bool disabled = blockDisabled(params.header);

	*mosaic = Plane(in.width, in.height);
	for (unsigned int y = 0; y < in.height; ++y) {
		for (unsigned int x = 0; x < in.width; ++x) {
			const uint64_t gain = disabled ? kQuarter : gainOf(params, brightestAround(in, x, y));
			const uint64_t v = (in.row(y)[x] * gain + 32768) >> 16;
			mosaic->row(y)[x] = static_cast<uint16_t>(std::min<uint64_t>(v, kLinearMax));
		}
	}
}

/**
 * Bring @n quads to the working range
 * @params: the gains
 * @in: samples of 20 bits; kLinearRangeMax stands for what is outside of the frame
 * @out: receives samples of 0 to 16383; writable up to a whole vector
 *
 * Equal to rangeReference(). The rows reach up to a whole vector, and one sample more
 * in front and behind.
 */
void compressRow(const fovea_isp_range &params, size_t n, const RangeRows &in,
		 const std::array<uint16_t *, 4> &out)
{
	if (blockDisabled(params.header)) {
		HWY_DYNAMIC_DISPATCH(quarterRowKernel)(n, in.quads, out);
		return;
	}

	/* The gains at both ends of each segment beside each other: one look-up finds them. */
	int32_t segments[kSegments] = {};
	for (unsigned int i = 0; i + 1 < FOVEA_ISP_RANGE_POINTS; ++i)
		segments[i] = static_cast<int32_t>(params.gain[i] | static_cast<uint32_t>(params.gain[i + 1]) << 16);
	HWY_DYNAMIC_DISPATCH(compressRowKernel)(segments, n, in, out);
}

} /* namespace fovea::isp */
#endif
