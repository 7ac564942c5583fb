/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * From the mosaic to R'G'B' and Y'CbCr of a row of quads in one pass
 */

#include "colour.h"

#include <string.h>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "isp_sim/isp/colour.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "demosaic-inl.h"
#include "gamma-inl.h"
#include "row_kernel-inl.h"

HWY_BEFORE_NAMESPACE();
namespace fovea::isp::HWY_NAMESPACE {

struct Rgb {
	V16 r, g, b;
};

HWY_INLINE Rgb add(const Rgb &p, const Rgb &q)
{
	return { hn::Add(p.r, q.r), hn::Add(p.g, q.g), hn::Add(p.b, q.b) };
}

/* t[0] + t[2] + t[1], with saturation: red and blue may change places. */
HWY_INLINE V16 sumTerms(V16 r, V16 g, V16 b)
{
	return hn::SaturatedAdd(hn::SaturatedAdd(r, b), g);
}

/*
 * A row of a matrix. In the simple form the coefficient, scaled to Q1.15, fits
 * the rounding product (a * b + 2^14) >> 15.
 */
struct SimpleRow {
	explicit HWY_INLINE SimpleRow(const int16_t *coeff, int scale)
		: r(hn::Set(D16(), static_cast<int16_t>(coeff[0] * scale))),
		  g(hn::Set(D16(), static_cast<int16_t>(coeff[1] * scale))),
		  b(hn::Set(D16(), static_cast<int16_t>(coeff[2] * scale)))
	{
	}

	HWY_INLINE V16 times(const Rgb &in) const
	{
		return sumTerms(hn::MulFixedPoint15(in.r, r), hn::MulFixedPoint15(in.g, g),
				hn::MulFixedPoint15(in.b, b));
	}

	V16 r, g, b;
};

/* The general form: products of 32 bits, (a * b + 2^(kShift-1)) >> kShift. */
template<int kShift>
struct GeneralRow {
	explicit HWY_INLINE GeneralRow(const int16_t *coeff)
		: r(setPair(coeff[0], 1 << (kShift - 1))), g(setPair(coeff[1], 1 << (kShift - 1))),
		  b(setPair(coeff[2], 1 << (kShift - 1)))
	{
	}

	static HWY_INLINE V16 term(V16 in, V16 coeff)
	{
		const D16 d;
		const V16 one = hn::Set(d, 1);
		const V32 lower = multiplyPairs(hn::InterleaveLower(d, in, one), coeff);
		const V32 upper = multiplyPairs(hn::InterleaveUpper(d, in, one), coeff);
		return narrow(hn::ShiftRight<kShift>(lower), hn::ShiftRight<kShift>(upper));
	}

	HWY_INLINE V16 times(const Rgb &in) const
	{
		return sumTerms(term(in.r, r), term(in.g, g), term(in.b, b));
	}

	V16 r, g, b;
};

/* The colour matrix, whose simple form has coefficients below 2.0. */
template<bool kSimple>
class Matrix;

template<>
class Matrix<true>
{
public:
	explicit HWY_INLINE Matrix(const Colour &colour)
		: r_(colour.matrix[0], 4), g_(colour.matrix[1], 4), b_(colour.matrix[2], 4)
	{
	}

	HWY_INLINE Rgb apply(const Rgb &in) const
	{
		const Rgb twice = add(in, in);
		return { limitGammaInput(r_.times(twice)), limitGammaInput(g_.times(twice)),
			 limitGammaInput(b_.times(twice)) };
	}

private:
	SimpleRow r_, g_, b_;
};

template<>
class Matrix<false>
{
public:
	explicit HWY_INLINE Matrix(const Colour &colour)
		: r_(colour.matrix[0]), g_(colour.matrix[1]), b_(colour.matrix[2]),
		  offset_{ hn::Set(D16(), colour.matrixOffset[0]), hn::Set(D16(), colour.matrixOffset[1]),
			   hn::Set(D16(), colour.matrixOffset[2]) }
	{
	}

	HWY_INLINE Rgb apply(const Rgb &in) const
	{
		return { limitGammaInput(hn::SaturatedAdd(r_.times(in), offset_.r)),
			 limitGammaInput(hn::SaturatedAdd(g_.times(in), offset_.g)),
			 limitGammaInput(hn::SaturatedAdd(b_.times(in), offset_.b)) };
	}

private:
	GeneralRow<12> r_, g_, b_;
	Rgb offset_;
};

/* Luma of a pixel, whose simple form has coefficients below 1.0. */
template<bool kSimple>
class Luma;

template<>
class Luma<true>
{
public:
	explicit HWY_INLINE Luma(const Colour &colour)
		: row_(colour.csc[0], 4), offset_(hn::Set(D16(), colour.cscOffset[0]))
	{
	}

	HWY_INLINE V16 of(const Rgb &in) const
	{
		return clampTo(hn::SaturatedAdd(row_.times(in), offset_), 4095);
	}

private:
	SimpleRow row_;
	V16 offset_;
};

template<>
class Luma<false>
{
public:
	explicit HWY_INLINE Luma(const Colour &colour)
		: row_(colour.csc[0]), offset_(hn::Set(D16(), colour.cscOffset[0]))
	{
	}

	HWY_INLINE V16 of(const Rgb &in) const
	{
		return clampTo(hn::SaturatedAdd(row_.times(in), offset_), 4095);
	}

private:
	GeneralRow<13> row_;
	V16 offset_;
};

/* A chroma plane from the sums of the four pixels of a quad: always simple. */
class Chroma
{
public:
	HWY_INLINE Chroma(const Colour &colour, unsigned int plane)
		: row_(colour.csc[plane], 1), offset_(hn::Set(D16(), colour.cscOffset[plane]))
	{
	}

	HWY_INLINE V16 of(const Rgb &sum) const
	{
		return clampTo(hn::SaturatedAdd(row_.times(sum), offset_), 4095);
	}

private:
	SimpleRow row_;
	V16 offset_;
};

/* How far a row is developed, and what is kept. */
enum class Form {
	Ycbcr,
	RgbAndYcbcr,
	Linear,
};

/*
 * All that follows on the demosaic. The output rows are a copy, so that the
 * compiler sees that no store changes them.
 */
template<bool kSimple, Form kForm>
class Developer
{
public:
	HWY_INLINE Developer(const Colour &colour, const ColourRows &out)
		: colour_(colour), out_(out), matrix_(colour), luma_(colour)
	{
	}

	/* Two pixels of a row, at two positions of the quad; returns their sum. */
	HWY_INLINE Rgb develop(const PixelPair &pair, int colourPosition, int greenPosition, size_t j) const
	{
		Rgb p = matrix_.apply(ordered(pair.colour));
		Rgb q = matrix_.apply(ordered(pair.green));
		if constexpr (kForm == Form::Linear) {
			putLinear(p, colourPosition, j);
			putLinear(q, greenPosition, j);
			return p;
		}
		applyGamma(colour_.gamma, &p.r, &q.r);
		applyGamma(colour_.gamma, &p.g, &q.g);
		applyGamma(colour_.gamma, &p.b, &q.b);
		put(p, colourPosition, j);
		put(q, greenPosition, j);
		return add(p, q);
	}

private:
	HWY_INLINE Rgb ordered(const Pixel &pixel) const
	{
		if (out_.redIsA)
			return { pixel.a, pixel.g, pixel.b };
		return { pixel.b, pixel.g, pixel.a };
	}

	HWY_INLINE void put(const Rgb &rgb, int position, size_t j) const
	{
		storeSigned(luma_.of(rgb), out_.luma[position] + j);
		if constexpr (kForm == Form::RgbAndYcbcr) {
			storeSigned(rgb.r, out_.rgb[0][position] + j);
			storeSigned(rgb.g, out_.rgb[1][position] + j);
			storeSigned(rgb.b, out_.rgb[2][position] + j);
		}
	}

	/* The gamma curve need not limit its inputs from above; here it matters. */
	HWY_INLINE void putLinear(const Rgb &rgb, int position, size_t j) const
	{
		const V16 max = hn::Set(D16(), kLinearMax);
		storeSigned(hn::Min(rgb.r, max), out_.rgb[0][position] + j);
		storeSigned(hn::Min(rgb.g, max), out_.rgb[1][position] + j);
		storeSigned(hn::Min(rgb.b, max), out_.rgb[2][position] + j);
	}

	const Colour &colour_;
	const ColourRows out_;
	Matrix<kSimple> matrix_;
	Luma<kSimple> luma_;
};

template<bool kSimple, Form kForm, class Demosaic>
HWY_INLINE void developLoop(const Demosaic &demosaic, int s, const Colour &colour,
			    const ColourRows &out, size_t n)
{
	const Developer<kSimple, kForm> developer(colour, out);
	uint16_t *const chroma[] = { out.chroma[0], out.chroma[1] };
	const Chroma cb(colour, 1);
	const Chroma cr(colour, 2);

	for (size_t j = 0; j < n; j += hn::Lanes(D16())) {
		const Rgb upper = developer.develop(demosaic.firstRow(j), s, 1 - s, j);
		const Rgb lower = developer.develop(demosaic.secondRow(j), 3 - s, 2 + s, j);
		if constexpr (kForm == Form::Linear)
			continue;
		const Rgb sum = add(upper, lower);
		storeSigned(cb.of(sum), chroma[0] + j);
		storeSigned(cr.of(sum), chroma[1] + j);
	}
}

/* The general form is rare, so it has no second one without R'G'B'. */
template<class Demosaic>
HWY_INLINE void chooseLoop(const Demosaic &demosaic, int s, const Colour &colour,
			   const ColourRows &out, size_t n)
{
	if (out.linear && colour.simple)
		developLoop<true, Form::Linear>(demosaic, s, colour, out, n);
	else if (out.linear)
		developLoop<false, Form::Linear>(demosaic, s, colour, out, n);
	else if (!colour.simple)
		developLoop<false, Form::RgbAndYcbcr>(demosaic, s, colour, out, n);
	else if (out.wantRgb)
		developLoop<true, Form::RgbAndYcbcr>(demosaic, s, colour, out, n);
	else
		developLoop<true, Form::Ycbcr>(demosaic, s, colour, out, n);
}

static void directedKernel(const RebuildRows &rows, const Colour &colour, const ColourRows &out, size_t n)
{
	chooseLoop(Directed(rows), rows.s, colour, out, n);
}

/* Both vectors of a step; the last step may reach a vector beyond the row. */
static void gammaKernel(const GammaTable &gamma, size_t n, uint16_t *row)
{
	const size_t lanes = hn::Lanes(D16());

	for (size_t i = 0; i < n; i += 2 * lanes) {
		V16 p = loadSigned(row + i);
		V16 q = loadSigned(row + i + lanes);
		applyGamma(gamma, &p, &q);
		storeSigned(p, row + i);
		storeSigned(q, row + i + lanes);
	}
}

template<bool kSimple>
HWY_INLINE void convertLoop(const Colour &colour, const ColourRows &rows, size_t n)
{
	const ColourRows r = rows;
	const Luma<kSimple> luma(colour);
	const Chroma cb(colour, 1);
	const Chroma cr(colour, 2);

	for (size_t j = 0; j < n; j += hn::Lanes(D16())) {
		Rgb sum = { hn::Zero(D16()), hn::Zero(D16()), hn::Zero(D16()) };
		for (int position = 0; position < 4; ++position) {
			const Rgb rgb = { loadSigned(r.rgb[0][position] + j), loadSigned(r.rgb[1][position] + j),
					  loadSigned(r.rgb[2][position] + j) };
			storeSigned(luma.of(rgb), r.luma[position] + j);
			sum = add(sum, rgb);
		}
		storeSigned(cb.of(sum), r.chroma[0] + j);
		storeSigned(cr.of(sum), r.chroma[1] + j);
	}
}

static void convertKernel(const Colour &colour, const ColourRows &rows, size_t n)
{
	if (colour.simple)
		convertLoop<true>(colour, rows, n);
	else
		convertLoop<false>(colour, rows, n);
}

static void bilinearKernel(const BilinearRows &rows, const Colour &colour, const ColourRows &out, size_t n)
{
	chooseLoop(Bilinear(rows), rows.s, colour, out, n);
}

} /* namespace fovea::isp::HWY_NAMESPACE */
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
#include "params.h"

namespace fovea::isp {

HWY_EXPORT(directedKernel);
HWY_EXPORT(bilinearKernel);
HWY_EXPORT(gammaKernel);
HWY_EXPORT(convertKernel);

namespace {

/* Products of 16 bits take coefficients below 2.0 (matrix) and 1.0 (luma). */
constexpr int kSimpleCoefficient = 8191;

bool fitsSimple(const int16_t *coeff, size_t n)
{
	return std::all_of(coeff, coeff + n,
			   [](int16_t c) { return c >= -kSimpleCoefficient && c <= kSimpleCoefficient; });
}

} /* namespace */

Colour::Colour(const fovea_isp_ccm &ccmParams, const fovea_isp_gamma &gammaParams,
	       const fovea_isp_csc &cscParams)
	: gamma(gammaParams)
{
	static const Params reset;
	const fovea_isp_ccm &effectiveCcm = blockDisabled(ccmParams.header) ? reset.ccm : ccmParams;
	const fovea_isp_csc &effectiveCsc = blockDisabled(cscParams.header) ? reset.csc : cscParams;

	memcpy(matrix, effectiveCcm.coeff, sizeof(matrix));
	memcpy(matrixOffset, effectiveCcm.offset, sizeof(matrixOffset));
	memcpy(csc, effectiveCsc.coeff, sizeof(csc));
	memcpy(cscOffset, effectiveCsc.offset, sizeof(cscOffset));

	simple = fitsSimple(&matrix[0][0], 9) && fitsSimple(csc[0], 3) &&
		 std::all_of(std::begin(matrixOffset), std::end(matrixOffset), [](int16_t v) { return v == 0; });
}

/**
 * Develop a row of @n quads, demosaicked along edges
 * @rows: samples and colour differences
 * @colour: matrix, gamma and conversion
 * @out: receives luma and chroma, and R'G'B' where wanted, 0 to 4095
 *
 * Equal to demosaicReference(), ccmReference(), gammaReference() and
 * cscReference(). All rows reach up to a whole vector.
 */
void developRow(const RebuildRows &rows, const Colour &colour, const ColourRows &out, size_t n)
{
	HWY_DYNAMIC_DISPATCH(directedKernel)(rows, colour, out, n);
}

/* The same with the bilinear demosaic. */
void developRow(const BilinearRows &rows, const Colour &colour, const ColourRows &out, size_t n)
{
	HWY_DYNAMIC_DISPATCH(bilinearKernel)(rows, colour, out, n);
}

/**
 * Apply the gamma curve to @n samples
 * @row: in: linear, 0 to 16383; out: 0 to 4095; reaches up to two whole vectors
 *
 * Equal to gammaReference().
 */
void gammaRow(const GammaTable &gamma, size_t n, uint16_t *row)
{
	HWY_DYNAMIC_DISPATCH(gammaKernel)(gamma, n, row);
}

/**
 * Convert a row of @n quads of R'G'B', 0 to 4095, to luma and chroma
 *
 * Equal to cscReference(). The rows reach up to a whole vector.
 */
void convertRow(const Colour &colour, const ColourRows &rows, size_t n)
{
	HWY_DYNAMIC_DISPATCH(convertKernel)(colour, rows, n);
}

} /* namespace fovea::isp */
#endif
