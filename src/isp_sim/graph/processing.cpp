/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * What debayer and scaler do to a picture
 */

#include "processing.h"

#include <algorithm>
#include <array>
#include <string.h>
#include <vector>

namespace fovea::graph {

namespace {

/*
 * Division by the number of samples in a window: a multiplication by the
 * reciprocal, rounded up, with 32 fractional bits. It is exact: a sum is below
 * 2^22 (4095 * 625) and the reciprocal's error below 625 / 2^32.
 */
class Reciprocals
{
public:
	explicit Reciprocals(unsigned int largest)
		: reciprocals_(largest + 1)
	{
		for (unsigned int i = 1; i <= largest; i++)
			reciprocals_[i] = ((1ULL << 32) + i - 1) / i;
	}

	/* Without samples the mean is 0. */
	unsigned int mean(uint32_t sum, unsigned int count) const
	{
		return sum * reciprocals_[count] >> 32;
	}

private:
	std::vector<uint64_t> reciprocals_;
};

unsigned int sampleAt(const Image &image, const uint8_t *row, unsigned int x)
{
	return image.format->bytes == 1 ? row[x] : row[2 * x] | row[2 * x + 1] << 8;
}

/* Sums over the rows of the window, for even and odd rows, for each column. */
class ColumnSums
{
public:
	explicit ColumnSums(const Image &image)
		: image_(image), rows_{}
	{
		for (auto &sums : sums_)
			sums.assign(image.size.width, 0);
	}

	void add(unsigned int y) { change(y, 1); }
	void remove(unsigned int y) { change(y, -1U); }

	unsigned int rows(unsigned int parity) const { return rows_[parity]; }
	const uint32_t *sums(unsigned int parity) const { return sums_[parity].data(); }

private:
	/* Unsigned arithmetic wraps, so that a factor of -1U subtracts. */
	void change(unsigned int y, unsigned int factor)
	{
		const uint8_t *row = image_.row(y);
		uint32_t *sums = sums_[y & 1].data();

		for (unsigned int x = 0; x < image_.size.width; x++)
			sums[x] += sampleAt(image_, row, x) * factor;
		rows_[y & 1] += factor;
	}

	const Image &image_;
	std::array<unsigned int, 2> rows_;
	std::array<std::vector<uint32_t>, 2> sums_;
};

/* One row of the output from the sums over the window's rows. */
class RowMeans
{
public:
	RowMeans(const Image &bayer, const ColumnSums &columns, const Reciprocals &reciprocals)
		: bayer_(bayer), columns_(columns), reciprocals_(reciprocals), sums_{}, count_{}
	{
	}

	void add(unsigned int x) { change(x, 1); }
	void remove(unsigned int x) { change(x, -1U); }

	Color color() const
	{
		std::array<uint32_t, 3> sums = {};
		std::array<unsigned int, 3> counts = {};

		for (unsigned int i = 0; i < 4; i++) {
			const Component component = bayer_.format->cfa[i];
			sums[component] += sums_[i];
			counts[component] += columns_.rows(i >> 1) * count_[i & 1];
		}

		const unsigned int shift = bayer_.format->bits - 8;
		return { static_cast<uint8_t>(reciprocals_.mean(sums[Red], counts[Red]) >> shift),
			 static_cast<uint8_t>(reciprocals_.mean(sums[Green], counts[Green]) >> shift),
			 static_cast<uint8_t>(reciprocals_.mean(sums[Blue], counts[Blue]) >> shift) };
	}

private:
	void change(unsigned int x, unsigned int factor)
	{
		sums_[x & 1] += columns_.sums(0)[x] * factor;
		sums_[2 + (x & 1)] += columns_.sums(1)[x] * factor;
		count_[x & 1] += factor;
	}

	const Image &bayer_;
	const ColumnSums &columns_;
	const Reciprocals &reciprocals_;
	std::array<uint32_t, 4> sums_;		/* as PixelFormat::cfa */
	std::array<unsigned int, 2> count_;	/* even and odd columns */
};

} /* namespace */

/**
 * \brief Make a colour picture of a Bayer picture
 * \param[in] bayer The picture, 8 to 12 bits a sample
 * \param[in] window Width and height of the window, odd, 1 to 25
 * \param[in] output A picture of the same size, 8 bits a component
 *
 * Each component of a pixel is the mean of all samples of its colour in the
 * window around the pixel, as far as the window lies in the picture; 0 where
 * there is none.
 */
void debayer(const Image &bayer, unsigned int window, const Image &output)
{
	const unsigned int reach = window / 2;
	const auto [width, height] = bayer.size;
	const Reciprocals reciprocals(window * window);
	ColumnSums columns(bayer);

	for (unsigned int y = 0; y < std::min(reach, height); y++)
		columns.add(y);

	for (unsigned int y = 0; y < height; y++) {
		if (y + reach < height)
			columns.add(y + reach);
		if (y > reach)
			columns.remove(y - reach - 1);

		RowMeans means(bayer, columns, reciprocals);
		uint8_t *pixel = output.row(y);
		for (unsigned int x = 0; x < std::min(reach, width); x++)
			means.add(x);

		for (unsigned int x = 0; x < width; x++, pixel += output.format->bytes) {
			if (x + reach < width)
				means.add(x + reach);
			if (x > reach)
				means.remove(x - reach - 1);
			storePixel(*output.format, x, y, means.color(), pixel);
		}
	}
}

/**
 * \brief Scale the part \a crop of a picture to the size of \a output
 *
 * Every pixel is the nearest one of the input, above and to the left. Both
 * pictures have the same format; \a crop lies in the input.
 */
void scale(const Image &input, const v4l2_rect &crop, const Image &output)
{
	const unsigned int bytes = output.format->bytes;
	std::vector<size_t> offsets(output.size.width);

	for (unsigned int x = 0; x < output.size.width; x++)
		offsets[x] = (uint64_t{ x } * crop.width / output.size.width + crop.left) * bytes;

	const uint8_t *last = nullptr;
	for (unsigned int y = 0; y < output.size.height; y++) {
		const uint8_t *from = input.row(uint64_t{ y } * crop.height / output.size.height + crop.top);
		uint8_t *to = output.row(y);

		/* A row that is enlarged is made once. */
		if (from == last) {
			memcpy(to, to - output.stride(), output.stride());
			continue;
		}
		last = from;

		for (unsigned int x = 0; x < output.size.width; x++) {
			for (unsigned int i = 0; i < bytes; i++)
				to[x * bytes + i] = from[offsets[x] + i];
		}
	}
}

} /* namespace fovea::graph */
