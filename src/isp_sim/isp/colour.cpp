/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * From the mosaic to R'G'B' and Y'CbCr of a row of quads in one pass
 */

#include "colour.h"

#include <stdlib.h>
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

/*
 * Three colours in the order A, green, B of the mosaic: red may be A or B, and the
 * constants change places instead of the pixels.
 */
struct Colours {
	V16 a, g, b;
};

HWY_INLINE Colours add(const Colours &p, const Colours &q)
{
	return { hn::Add(p.a, q.a), hn::Add(p.g, q.g), hn::Add(p.b, q.b) };
}

/*
 * t[0] + t[2] + t[1] + offset, with saturation: red and blue may change places. Where
 * no sum needs it (kFits), more units of the processor can add.
 */
template<bool kFits>
HWY_INLINE V16 sumTerms(V16 a, V16 g, V16 b, V16 offset)
{
	if constexpr (kFits)
		return hn::Add(hn::Add(hn::Add(a, b), g), offset);
	return hn::SaturatedAdd(hn::SaturatedAdd(hn::SaturatedAdd(a, b), g), offset);
}

/*
 * A factor of Qm.n with n = kShift. In the simple form, scaled to Q1.15, it fits
 * the rounding product (a * b + 2^14) >> 15.
 */
template<int kShift>
class SimpleFactor
{
public:
	explicit HWY_INLINE SimpleFactor(int coeff)
		: factor_(hn::Set(D16(), static_cast<int16_t>(coeff * (1 << (15 - kShift)))))
	{
	}

	HWY_INLINE V16 times(V16 in) const { return hn::MulFixedPoint15(in, factor_); }

private:
	V16 factor_;
};

/* The general form: products of 32 bits, (a * b + 2^(kShift-1)) >> kShift. */
template<int kShift>
class GeneralFactor
{
public:
	explicit HWY_INLINE GeneralFactor(int coeff)
		: pair_(setPair(coeff, 1 << (kShift - 1)))
	{
	}

	HWY_INLINE V16 times(V16 in) const
	{
		const D16 d;
		const V16 one = hn::Set(d, 1);
		const V32 lower = multiplyPairs(hn::InterleaveLower(d, in, one), pair_);
		const V32 upper = multiplyPairs(hn::InterleaveUpper(d, in, one), pair_);
		return narrow(hn::ShiftRight<kShift>(lower), hn::ShiftRight<kShift>(upper));
	}

private:
	V16 pair_;
};

/*
 * The factor of a row's own colour (Qm.13), below 4.0, which often reaches 2.0: as much is
 * the difference itself, and the simple form does the rest.
 */
class OwnFactor
{
public:
	explicit HWY_INLINE OwnFactor(int coeff)
		: whole_(hn::Set(D16(), coeff >= kWhole ? -1 : 0)), rest_(coeff >= kWhole ? coeff - kWhole : coeff)
	{
	}

	HWY_INLINE V16 times(V16 in) const { return hn::SaturatedAdd(hn::And(in, whole_), rest_.times(in)); }

private:
	static constexpr int kWhole = 1 << 13;

	V16 whole_;
	SimpleFactor<13> rest_;
};

/*
 * A row of the matrix, see matrixRow(). Most matrices keep white, and then neither
 * green nor an offset adds anything. The differences come in half units. kFits: the sum
 * of their terms needs no saturation.
 */
template<class FactorA, class FactorB, class FactorG, bool kKeepsWhite, bool kFits>
class DifferenceRow
{
public:
	HWY_INLINE DifferenceRow(const MatrixRow &row, bool redIsA)
		: a_(redIsA ? row.red : row.blue), b_(redIsA ? row.blue : row.red), g_(row.green),
		  offset_(hn::Set(D16(), row.offset))
	{
	}

	/* The linear value, which may lie beyond the upper end of the range. */
	HWY_INLINE V16 apply(const Pixel &in) const
	{
		const D16 d;
		const V16 a = a_.times(in.a);
		const V16 b = b_.times(in.b);
		V16 sum = hn::SaturatedAdd(in.g, kFits ? hn::Add(a, b) : hn::SaturatedAdd(a, b));
		if constexpr (!kKeepsWhite)
			sum = hn::SaturatedAdd(sum, hn::SaturatedAdd(g_.times(in.g), offset_));
		return hn::Max(sum, hn::Zero(d));
	}

private:
	FactorA a_;
	FactorB b_;
	FactorG g_;
	V16 offset_;
};

/* @Own is the form of the factors of a row's own colour. */
template<class Own, template<int> class Factor, bool kKeepsWhite, bool kFits>
class Matrix
{
public:
	HWY_INLINE Matrix(const Colour &colour, bool redIsA)
		: a_(colour.matrix[redIsA ? 0 : 2], redIsA), g_(colour.matrix[1], redIsA),
		  b_(colour.matrix[redIsA ? 2 : 0], redIsA)
	{
	}

	HWY_INLINE Colours apply(const Pixel &in) const
	{
		return { a_.apply(in), g_.apply(in), b_.apply(in) };
	}

private:
	DifferenceRow<Own, Factor<13>, Factor<12>, kKeepsWhite, kFits> a_;
	DifferenceRow<Factor<13>, Factor<13>, Factor<12>, kKeepsWhite, kFits> g_;
	DifferenceRow<Factor<13>, Own, Factor<12>, kKeepsWhite, kFits> b_;
};

/* Luma of a pixel. kInRange: no pixel can leave the range. */
template<class Factor, bool kInRange>
class Luma
{
public:
	HWY_INLINE Luma(const Colour &colour, bool redIsA)
		: a_(colour.csc[0][redIsA ? 0 : 2]), g_(colour.csc[0][1]), b_(colour.csc[0][redIsA ? 2 : 0]),
		  offset_(hn::Set(D16(), colour.cscOffset[0]))
	{
	}

	HWY_INLINE V16 of(const Colours &in) const
	{
		const V16 luma = sumTerms<kInRange>(a_.times(in.a), g_.times(in.g), b_.times(in.b), offset_);
		return kInRange ? luma : clampTo(luma, kOutputMax);
	}

private:
	Factor a_, g_, b_;
	V16 offset_;
};

/*
 * A chroma plane from the sums of the four pixels of a quad, whose coefficients
 * are a quarter for that: all of them fit.
 */
template<bool kFits>
class Chroma
{
public:
	HWY_INLINE Chroma(const Colour &colour, unsigned int plane, bool redIsA)
		: a_(colour.csc[plane][redIsA ? 0 : 2]), g_(colour.csc[plane][1]),
		  b_(colour.csc[plane][redIsA ? 2 : 0]), offset_(hn::Set(D16(), colour.cscOffset[plane]))
	{
	}

	HWY_INLINE V16 of(const Colours &sum) const
	{
		const V16 chroma = sumTerms<kFits>(a_.times(sum.a), g_.times(sum.g), b_.times(sum.b), offset_);
		return clampTo(chroma, kOutputMax);
	}

private:
	SimpleFactor<15> a_, g_, b_;
	V16 offset_;
};

/* How far a row is developed, and what is kept. */
enum class Form {
	Ycbcr,
	RgbAndYcbcr,
	Linear,
};

/* The arithmetic that the constants of a frame allow, see Colour. */
struct Fastest {
	static constexpr bool kGentleGamma = true;
	using Matrix = HWY_NAMESPACE::Matrix<SimpleFactor<13>, SimpleFactor, true, true>;
	using Luma = HWY_NAMESPACE::Luma<SimpleFactor<13>, true>;
	using Chroma = HWY_NAMESPACE::Chroma<true>;
};

struct Fast {
	static constexpr bool kGentleGamma = true;
	using Matrix = HWY_NAMESPACE::Matrix<OwnFactor, SimpleFactor, true, false>;
	using Luma = HWY_NAMESPACE::Luma<SimpleFactor<13>, true>;
	using Chroma = HWY_NAMESPACE::Chroma<true>;
};

struct Simple {
	static constexpr bool kGentleGamma = false;
	using Matrix = HWY_NAMESPACE::Matrix<SimpleFactor<13>, SimpleFactor, false, false>;
	using Luma = HWY_NAMESPACE::Luma<SimpleFactor<13>, false>;
	using Chroma = HWY_NAMESPACE::Chroma<false>;
};

struct General {
	static constexpr bool kGentleGamma = false;
	using Matrix = HWY_NAMESPACE::Matrix<GeneralFactor<13>, GeneralFactor, false, false>;
	using Luma = HWY_NAMESPACE::Luma<GeneralFactor<13>, false>;
	using Chroma = HWY_NAMESPACE::Chroma<false>;
};

/*
 * All that follows on the demosaic. The output rows are a copy, so that the
 * compiler sees that no store changes them.
 */
template<class Arithmetic, Form kForm>
class Developer
{
public:
	HWY_INLINE Developer(const Colour &colour, const ColourRows &out)
		: colour_(colour), out_(out), planes_{ out.redIsA ? 0 : 2, 1, out.redIsA ? 2 : 0 },
		  matrix_(colour, out.redIsA), luma_(colour, out.redIsA)
	{
	}

	/* Two pixels of a row, at two positions of the quad; returns their sum. */
	HWY_INLINE Colours develop(const PixelPair &pair, int colourPosition, int greenPosition, size_t j) const
	{
		Colours p = matrix_.apply(pair.colour);
		Colours q = matrix_.apply(pair.green);
		if constexpr (kForm == Form::Linear) {
			putColours(limited(p), colourPosition, j);
			putColours(limited(q), greenPosition, j);
			return p;
		}
		applyGamma<Arithmetic::kGentleGamma>(colour_.gamma, &p.a, &q.a);
		applyGamma<Arithmetic::kGentleGamma>(colour_.gamma, &p.g, &q.g);
		applyGamma<Arithmetic::kGentleGamma>(colour_.gamma, &p.b, &q.b);
		put(p, colourPosition, j);
		put(q, greenPosition, j);
		return add(p, q);
	}

private:
	static HWY_INLINE Colours limited(const Colours &in)
	{
		const V16 max = hn::Set(D16(), kLinearMax);
		return { hn::Min(in.a, max), hn::Min(in.g, max), hn::Min(in.b, max) };
	}

	HWY_INLINE void put(const Colours &colours, int position, size_t j) const
	{
		storeSigned(luma_.of(colours), out_.luma[position] + j);
		if constexpr (kForm == Form::RgbAndYcbcr)
			putColours(colours, position, j);
	}

	HWY_INLINE void putColours(const Colours &colours, int position, size_t j) const
	{
		storeSigned(colours.a, out_.rgb[planes_[0]][position] + j);
		storeSigned(colours.g, out_.rgb[planes_[1]][position] + j);
		storeSigned(colours.b, out_.rgb[planes_[2]][position] + j);
	}

	const Colour &colour_;
	const ColourRows out_;
	/* The planes of colour A, green and colour B. */
	const int planes_[3];
	typename Arithmetic::Matrix matrix_;
	typename Arithmetic::Luma luma_;
};

template<class Arithmetic, Form kForm, class Demosaic>
HWY_INLINE void developLoop(const Demosaic &demosaic, int s, const Colour &colour,
			    const ColourRows &out, size_t n)
{
	const Developer<Arithmetic, kForm> developer(colour, out);
	uint16_t *const chroma[] = { out.chroma[0], out.chroma[1] };
	const typename Arithmetic::Chroma cb(colour, 1, out.redIsA);
	const typename Arithmetic::Chroma cr(colour, 2, out.redIsA);

	for (size_t j = 0; j < n; j += hn::Lanes(D16())) {
		const Colours upper = developer.develop(demosaic.firstRow(j), s, 1 - s, j);
		const Colours lower = developer.develop(demosaic.secondRow(j), 3 - s, 2 + s, j);
		if constexpr (kForm == Form::Linear)
			continue;
		const Colours sum = add(upper, lower);
		storeSigned(cb.of(sum), chroma[0] + j);
		storeSigned(cr.of(sum), chroma[1] + j);
	}
}

/* Less common combinations have no loop of their own. */
template<class Demosaic>
HWY_INLINE void chooseLoop(const Demosaic &demosaic, int s, const Colour &colour,
			   const ColourRows &out, size_t n)
{
	if (out.linear && colour.simple)
		developLoop<Simple, Form::Linear>(demosaic, s, colour, out, n);
	else if (out.linear)
		developLoop<General, Form::Linear>(demosaic, s, colour, out, n);
	else if (colour.fastest && !out.wantRgb)
		developLoop<Fastest, Form::Ycbcr>(demosaic, s, colour, out, n);
	else if (colour.fast && !out.wantRgb)
		developLoop<Fast, Form::Ycbcr>(demosaic, s, colour, out, n);
	else if (colour.fast)
		developLoop<Fast, Form::RgbAndYcbcr>(demosaic, s, colour, out, n);
	else if (colour.simple)
		developLoop<Simple, Form::RgbAndYcbcr>(demosaic, s, colour, out, n);
	else
		developLoop<General, Form::RgbAndYcbcr>(demosaic, s, colour, out, n);
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
		applyGamma<false>(gamma, &p, &q);
		storeSigned(p, row + i);
		storeSigned(q, row + i + lanes);
	}
}

template<class Arithmetic>
HWY_INLINE void convertLoop(const Colour &colour, const ColourRows &rows, size_t n)
{
	const ColourRows r = rows;
	const typename Arithmetic::Luma luma(colour, true);
	const typename Arithmetic::Chroma cb(colour, 1, true);
	const typename Arithmetic::Chroma cr(colour, 2, true);

	for (size_t j = 0; j < n; j += hn::Lanes(D16())) {
		Colours sum = { hn::Zero(D16()), hn::Zero(D16()), hn::Zero(D16()) };
		for (int position = 0; position < 4; ++position) {
			const Colours rgb = { loadSigned(r.rgb[0][position] + j), loadSigned(r.rgb[1][position] + j),
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
		convertLoop<Simple>(colour, rows, n);
	else
		convertLoop<General>(colour, rows, n);
}

static void interpolatedKernel(const DifferenceRows &rows, const Colour &colour, const ColourRows &out, size_t n)
{
	chooseLoop(Interpolated(rows), rows.s, colour, out, n);
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
HWY_EXPORT(interpolatedKernel);
HWY_EXPORT(gammaKernel);
HWY_EXPORT(convertKernel);

namespace {

/*
 * Factors of the matrix (Q4.12) whose products fit 16 bits are below 1.0, those of
 * differences, which come in half units, below 2.0.
 */
constexpr int kLimit = 4095;
constexpr int kDifferenceLimit = 8191;

bool fitsSimple(const MatrixRow &row)
{
	return abs(row.red) <= kDifferenceLimit && abs(row.green) <= kLimit && abs(row.blue) <= kDifferenceLimit;
}

/* Row @i keeps white, and no factor but that of its own colour reaches 2.0, nor that one 4.0. */
bool fitsFast(const MatrixRow &row, unsigned int i)
{
	const auto fits = [](int factor, bool own) {
		return factor >= -kDifferenceLimit && factor <= (own ? 2 * kDifferenceLimit + 1 : kDifferenceLimit);
	};
	return row.green == 0 && row.offset == 0 && fits(row.red, i == 0) && fits(row.blue, i == 2);
}

/* The sum of the two products of differences does not leave 16 bits. */
bool differencesFit(const MatrixRow &row)
{
	return abs(row.red) + abs(row.blue) <= kDifferenceLimit;
}

/* The same of luma (Q3.13). */
bool fitsSimple(int16_t coeff)
{
	constexpr int kLumaLimit = 8191;
	return abs(coeff) <= kLumaLimit;
}

/* No sum of the terms of a row of chroma, of four pixels each, leaves 16 bits. */
bool chromaFits(const int16_t *coeff, int offset)
{
	int largest = abs(offset);
	for (unsigned int i = 0; i < 3; ++i)
		largest += (abs(coeff[i]) * 4 * kOutputMax + 16384) >> 15;
	return largest <= 32767;
}

/* Luma of all inputs lies in its range: the extremes are sums of those of the terms. */
bool lumaInRange(const int16_t *coeff, int offset)
{
	int low = offset;
	int high = offset;
	for (unsigned int i = 0; i < 3; ++i) {
		const int extreme = (coeff[i] * kOutputMax + 4096) >> 13;
		(extreme < 0 ? low : high) += extreme;
	}
	return low >= 0 && high <= kOutputMax;
}

} /* namespace */

Colour::Colour(const fovea_isp_ccm &ccmParams, const fovea_isp_gamma &gammaParams,
	       const fovea_isp_csc &cscParams)
	: gamma(gammaParams)
{
	static const Params reset;
	const fovea_isp_csc &effectiveCsc = blockDisabled(cscParams.header) ? reset.csc : cscParams;

	for (unsigned int i = 0; i < 3; ++i)
		matrix[i] = matrixRow(ccmParams, i);
	memcpy(csc, effectiveCsc.coeff, sizeof(csc));
	memcpy(cscOffset, effectiveCsc.offset, sizeof(cscOffset));

	const bool simpleLuma = std::all_of(std::begin(csc[0]), std::end(csc[0]), [](int16_t coeff) { return fitsSimple(coeff); });
	const bool inRange = lumaInRange(csc[0], cscOffset[0]) && chromaFits(csc[1], cscOffset[1]) &&
			     chromaFits(csc[2], cscOffset[2]);
	simple = simpleLuma && std::all_of(std::begin(matrix), std::end(matrix), [](const MatrixRow &row) { return fitsSimple(row); });
	fast = simpleLuma && inRange && gamma.gentle &&
	       fitsFast(matrix[0], 0) && fitsFast(matrix[1], 1) && fitsFast(matrix[2], 2);
	fastest = fast && std::all_of(std::begin(matrix), std::end(matrix), differencesFit);
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

/* The same with the refined demosaic. */
void developRow(const DifferenceRows &rows, const Colour &colour, const ColourRows &out, size_t n)
{
	HWY_DYNAMIC_DISPATCH(interpolatedKernel)(rows, colour, out, n);
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
