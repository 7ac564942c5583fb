/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The engine: a band of rows from raw samples to the outputs
 */

#include "band.h"

#include <bit>

#include "pack.h"

namespace fovea::isp {

namespace {

/*
 * The pairs of output rows whose first row comes from the quad rows of a band.
 * Each pair belongs to exactly one band.
 */
RowRange ownedRows(const OutputFormat &format, RowRange quadRows)
{
	const auto firstFrom = [&](unsigned int quadRow) {
		unsigned int row = 0;
		while (row < format.size.height &&
		       (format.crop.y + static_cast<uint64_t>(row) * format.crop.height / format.size.height) / 2 < quadRow)
			row += 2;
		return std::min(row, format.size.height);
	};

	return { firstFrom(quadRows.first), firstFrom(quadRows.last) };
}

} /* namespace */

/**
 * A band of the frame with its line buffers
 * @configuration: the configuration of the ISP
 * @filters: the filters of the outputs, outlive the band
 * @quadRows: the rows of quads of which the band makes statistics, and whose
 *	output rows it makes
 */
Band::Band(const Configuration &configuration, std::span<const OutputFilters> filters,
	   RowRange quadRows)
	: input_(configuration.input), quadsX_(static_cast<int>(input_.size.width / 2)),
	  quadsY_(static_cast<int>(input_.size.height / 2)), statsRows_(quadRows), raw_(input_),
	  demosaic_(input_), localTone_(quadsX_, quadsY_), temporal_(quadsX_),
	  finish_(input_.size), dewarp_(input_.size),
	  ring_(input_.size, std::any_of(configuration.outputs.begin(), configuration.outputs.end(),
					 [](const OutputFormat &output) { return isRgb(output.format); }),
		std::bit_ceil(2 * kDewarpRingReach + 2)),
	  stats_(input_.size), rgb_(3 * 4, 2 * FinishRows::kReach, quadsX_)
{
	for (unsigned int i = 0; i < 3; ++i) {
		wideRgb_[i] = LineBuffer<uint16_t>(2, input_.size.width);
		wideYcbcr_[i] = LineBuffer<uint16_t>(2, input_.size.width);
	}
	for (LineBuffer<uint16_t> &buffer : converted_)
		buffer = LineBuffer<uint16_t>(1, quadsX_);

	for (size_t i = 0; i < configuration.outputs.size(); ++i) {
		const OutputFormat &format = configuration.outputs[i];
		formats_.push_back(format.format);
		writers_.emplace_back(format, filters[i], ownedRows(format, quadRows));

		const RowRange rows = writers_.back().inputRows();
		if (rows.empty())
			continue;

		const RowRange quadsOfRows{ rows.first / 2, (rows.last + 1) / 2 };
		if (pictureRows_.empty())
			pictureRows_ = quadsOfRows;
		pictureRows_.first = std::min(pictureRows_.first, quadsOfRows.first);
		pictureRows_.last = std::max(pictureRows_.last, quadsOfRows.last);
	}
}

/* The rows of quads that the band may look at behind the conversion. */
RowRange Band::developedRows() const
{
	constexpr unsigned int kReach = FinishRows::kReach;
	RowRange rows = pictureRows(kDewarpRingReach);
	if (rows.empty())
		rows = statsRows_;
	rows.first = std::min(rows.first, statsRows_.first);
	rows.last = std::max(rows.last, statsRows_.last);
	return { rows.first - std::min(rows.first, kReach), std::min(rows.last + kReach, static_cast<unsigned int>(quadsY_)) };
}

/* The rows of quads for the outputs, and @reach more on both sides. */
RowRange Band::pictureRows(unsigned int reach) const
{
	if (pictureRows_.empty())
		return {};

	return { pictureRows_.first - std::min(pictureRows_.first, reach),
		 std::min(pictureRows_.last + reach, static_cast<unsigned int>(quadsY_)) };
}

/**
 * Process the band
 * @frame: the frame
 *
 * Rows of quads enter one by one and pass all stages while they are in the
 * cache.
 */
void Band::process(const Frame &frame)
{
	const int statsFirst = static_cast<int>(statsRows_.first);

	startOutputs(frame);
	stats_.start(frame);
	dewarped_ = pictureRows_.first;
	if (frame.dewarpRing)
		ring_.useRing(frame.dewarpRing);

	if (needRgb_ || needYcbcr_) {
		makePictures(frame);
	} else {
		raw_.start(frame, statsFirst, kRingRows);
	}

	loadTo(frame, static_cast<int>(statsRows_.last) - 1);
}

void Band::startOutputs(const Frame &frame)
{
	needRgb_ = false;
	needYcbcr_ = false;
	needWideLuma_ = false;
	needWideChroma_ = false;

	for (size_t i = 0; i < writers_.size(); ++i) {
		uint8_t *out = frame.outputs.empty() || frame.outputs[i].empty() ? nullptr : frame.outputs[i].data();
		writers_[i].start(out);
		/* Any row of another band may be moved to an output's rows. */
		if (!out || (writers_[i].inputRows().empty() && !frame.twoPasses()))
			continue;
		if (isRgb(formats_[i])) {
			needRgb_ = true;
			continue;
		}
		needYcbcr_ = true;
		needWideLuma_ |= !writers_[i].takesQuads();
		needWideChroma_ |= !writers_[i].takesQuads() && !writers_[i].takesChroma();
	}

	/* RGB takes part in what the blocks behind the conversion do. */
	rgbChanges_ = needRgb_ && frame.ycbcrChanges();
	needYcbcr_ |= rgbChanges_;
	direct_ = directWriter(frame);

	/* Every row of the frame becomes a part of the reference. */
	rows_ = frame.twoPasses() ? statsRows_ : pictureRows(frame.dewarpRing);
	if (frame.mixed()) {
		needYcbcr_ = true;
		rows_.first = rows_.empty() ? statsRows_.first : std::min(rows_.first, statsRows_.first);
		rows_.last = std::max(rows_.last, statsRows_.last);
	}
}

/* Where there is but one output, and it takes the rows as they come. */
OutputWriter *Band::directWriter(const Frame &frame)
{
	OutputWriter *direct = nullptr;

	if (needRgb_ || needWideLuma_ || frame.dewarped() || !FinishRows::canPack(frame))
		return nullptr;

	for (OutputWriter &writer : writers_) {
		if (!writer.active())
			continue;
		if (direct)
			return nullptr;
		direct = &writer;
	}

	return direct;
}

/* Load the rows up to @last, and take the statistics of those of the band. */
void Band::loadTo(const Frame &frame, int last)
{
	while (raw_.loaded() <= last) {
		const int q = raw_.loaded();
		raw_.load(frame);
		if (!frame.stats || !statsRows_.contains(q))
			continue;

		stats_.addRow(frame, q, raw_.samples(q));
		if (q + 1 == static_cast<int>(statsRows_.last))
			stats_.finish(q);
	}
}

/*
 * The finished row q looks at developed rows from q - 2 to q + 2, and the demosaic
 * of a row at the mosaic as far as DemosaicRows::reach() above and below: so much earlier
 * a band begins. Rows of the mosaic outside of the frame are mirrored ones, others do
 * not exist there.
 */
void Band::makePictures(const Frame &frame)
{
	const int last = static_cast<int>(rows_.last);
	const int developFirst = std::max(static_cast<int>(rows_.first) - FinishRows::kReach, 0);
	const int developLast = std::min(last + FinishRows::kReach, quadsY_);
	const int reach = DemosaicRows::reach(frame);
	const int first = developFirst - reach;
	int next = static_cast<int>(rows_.first);

	raw_.start(frame, std::min(static_cast<int>(statsRows_.first), std::max(first - RawRows::reach(frame), 0)),
		   DemosaicRows::mosaicRows(frame));

	for (int q = first; q < developLast + reach; ++q) {
		const int developed = q - reach;

		loadTo(frame, raw_.needs(q));
		prefetch(frame, next, developed + 1, 0);
		raw_.makeMosaic(frame, q);
		prefetch(frame, next, developed + 1, 1);
		demosaic_.add(frame, raw_, q, first);
		prefetch(frame, next, developed + 1, 2);

		if (developed < developFirst)
			continue;

		develop(frame, developed);
		prefetch(frame, next, developed + 1, 3);
		while (next < last && std::min(next + FinishRows::kReach, quadsY_ - 1) <= developed)
			finish(frame, next++);
		prefetch(frame, next, developed + 1, 4);
	}
}

/*
 * Ask for a part of the next row of quads of the frame, of row @developed of the
 * reference, and of row @q of the pictures.
 */
void Band::prefetch(const Frame &frame, int q, int developed, int part)
{
	raw_.prefetch(frame, part);
	if (frame.mixed() && developed >= 0)
		frame.temporal.prefetch(developed, part, RawRows::kPrefetchParts);
	if (!frame.twoPasses()) {
		const int written = frame.dewarped() ? static_cast<int>(dewarped_) : q;
		for (const OutputWriter &writer : writers_)
			writer.prefetch(written, part, RawRows::kPrefetchParts);
		return;
	}

	for (unsigned int i = 0; i < 3; ++i) {
		const auto prefetchRows = [&](const DewarpPlane &plane, unsigned int y, unsigned int rows) {
			for (unsigned int row = 0; row < rows; ++row)
				plane.prefetch(y + row, part, RawRows::kPrefetchParts);
		};
		if (needYcbcr_)
			prefetchRows(frame.straight.ycbcr[i], i ? q : 2 * q, i ? 1 : 2);
		if (needRgb_)
			prefetchRows(frame.straight.rgb[i], 2 * q, 2);
	}
}

/* The demosaic and all that works on single pixels behind it. */
void Band::develop(const Frame &frame, int q)
{
	ColourRows rows;
	rows.redIsA = redFirst(input_.order);
	rows.wantRgb = needRgb_;
	rows.linear = frame.staged();
	for (unsigned int position = 0; position < 4; ++position) {
		rows.luma[position] = finish_.luma(position, q);
		for (unsigned int i = 0; i < 3; ++i)
			rows.rgb[i][position] = rgb(i, position, q);
	}
	for (unsigned int i = 0; i < 2; ++i)
		rows.chroma[i] = finish_.chroma(i);

	demosaic_.develop(frame, raw_, q, rows);
	if (rows.linear)
		developTones(frame, q, rows);
	if (frame.mixed())
		mixWithReference(frame, q);
	if (needYcbcr_)
		finish_.add(frame, q);
}

/* From linear colours to R'G'B' and Y'CbCr, block by block. */
void Band::developTones(const Frame &frame, int q, const ColourRows &rows)
{
	if (!blockDisabled(frame.params.localTone.header))
		localTone_.apply(frame.params.localTone, q, rows.rgb);

	for (const auto &plane : rows.rgb) {
		for (uint16_t *row : plane)
			gammaRow(frame.colour.gamma, quadsX_, row);
	}

	for (unsigned int i = 0; i < 4 && !blockDisabled(frame.params.lut3d.header); ++i)
		lut3dRow(frame.lut3d, quadsX_, rows.rgb[0][i], rows.rgb[1][i], rows.rgb[2][i]);

	if (needYcbcr_)
		convertRow(frame.colour, rows, quadsX_);
}

void Band::mixWithReference(const Frame &frame, int q)
{
	uint16_t *const planes[kQuadPlanes] = { finish_.luma(0, q), finish_.luma(1, q), finish_.luma(2, q),
						finish_.luma(3, q), finish_.chroma(0), finish_.chroma(1) };
	temporal_.apply(frame.params.temporalNr, frame.temporal, q, statsRows_.contains(q), planes);
}

/* Bring what has changed of Y'CbCr since the conversion to R'G'B'. */
void Band::finishRgb(const Frame &frame, int q, const QuadPlanes &planes)
{
	ColourRows rows = {};
	YcbcrChange change;
	for (unsigned int i = 0; i < 4; ++i) {
		for (unsigned int c = 0; c < 3; ++c)
			rows.rgb[c][i] = rgb(c, i, q);
		rows.luma[i] = converted_[i][0];
		change.after[i] = planes.luma[i];
	}
	for (unsigned int i = 0; i < 2; ++i) {
		rows.chroma[i] = converted_[4 + i][0];
		change.after[4 + i] = planes.chroma[i];
	}
	for (unsigned int i = 0; i < kQuadPlanes; ++i)
		change.before[i] = converted_[i][0];

	convertRow(frame.colour, rows, quadsX_);
	rgbFinishRow(frame.inverseCsc, change, quadsX_, rows.rgb);
}

void Band::writeRgb(int q)
{
	for (int row = 0; row < 2; ++row) {
		const uint16_t *planes[3];
		for (unsigned int i = 0; i < 3; ++i) {
			uint16_t *wide = wideRgb_[i][row];
			interleaveColumns(rgb(i, 2 * row, q), rgb(i, 2 * row + 1, q), quadsX_, wide);
			planes[i] = wide;
		}
		writeWideRgb(2 * q + row, planes);
	}
}

/* A row of full width to all outputs in RGB formats. */
void Band::writeWideRgb(unsigned int row, const uint16_t *const planes[3])
{
	for (size_t i = 0; i < writers_.size(); ++i) {
		if (isRgb(formats_[i]))
			writers_[i].addRow(row, planes);
	}
}

/*
 * The same of luma, and the chroma of its row of quads, to all others that do not take
 * quads.
 */
void Band::writeWideYcbcr(int q, const uint16_t *const chroma[2])
{
	for (int row = 0; row < 2; ++row) {
		for (unsigned int i = 0; i < 2 && needWideChroma_; ++i)
			interleaveColumns(chroma[i], chroma[i], quadsX_, wideYcbcr_[1 + i][row]);

		const uint16_t *const planes[] = { wideYcbcr_[0][row], wideYcbcr_[1][row], wideYcbcr_[2][row] };
		for (size_t i = 0; i < writers_.size(); ++i) {
			if (!isRgb(formats_[i]) && !writers_[i].takesQuads())
				writers_[i].addRow(2 * q + row, planes);
		}
	}

	for (OutputWriter &writer : writers_) {
		if (writer.takesChroma() && !writer.takesQuads())
			writer.addChroma(q, chroma);
	}
}

/* Chroma noise, sharpening, and the outputs. */
void Band::finish(const Frame &frame, int q)
{
	if (direct_) {
		if (const std::optional<PackedQuads> to = direct_->nextQuads(q))
			finish_.finishAndPack(frame, q, *to);
		return;
	}

	QuadPlanes planes;
	if (needYcbcr_)
		planes = finish_.finish(frame, q);
	if (rgbChanges_)
		finishRgb(frame, q, planes);

	if (frame.dewarped()) {
		keepStraight(frame.twoPasses() ? frame.straight : ring_, q, planes);
		if (!frame.twoPasses())
			dewarpComplete(frame, q);
		return;
	}
	if (needRgb_)
		writeRgb(q);
	if (needYcbcr_)
		writeYcbcr(q, planes);
}

void Band::writeYcbcr(int q, const QuadPlanes &planes)
{
	for (size_t i = 0; i < writers_.size(); ++i) {
		if (writers_[i].takesQuads())
			writers_[i].addQuads(q, planes);
	}

	if (!needWideLuma_)
		return;
	for (int row = 0; row < 2; ++row)
		interleaveColumns(planes.luma[2 * row], planes.luma[2 * row + 1], quadsX_, wideYcbcr_[0][row]);
	writeWideYcbcr(q, planes.chroma);
}

/* Keep a finished row for the second pass. */
void Band::keepStraight(const DewarpPicture &picture, int q, const QuadPlanes &planes)
{
	const auto keep = [this](const DewarpPlane &plane, int y, const uint16_t *even, const uint16_t *odd) {
		interleaveColumns(even, odd, quadsX_, plane.row(y));
		plane.finishRow(y);
	};

	for (int row = 0; row < 2; ++row) {
		if (needYcbcr_)
			keep(picture.ycbcr[0], 2 * q + row, planes.luma[2 * row], planes.luma[2 * row + 1]);
		for (unsigned int i = 0; i < 3 && needRgb_; ++i)
			keep(picture.rgb[i], 2 * q + row, rgb(i, 2 * row, q), rgb(i, 2 * row + 1, q));
	}
	for (unsigned int i = 1; i < 3 && needYcbcr_; ++i) {
		std::copy_n(planes.chroma[i - 1], quadsX_, picture.ycbcr[i].row(q));
		picture.ycbcr[i].finishRow(q);
	}
}

/**
 * The second pass of a frame whose geometry is corrected
 * @frame: the frame, which all bands have processed
 */
void Band::dewarp(const Frame &frame)
{
	for (unsigned int q = pictureRows_.first; q < pictureRows_.last; ++q)
		dewarpQuads(frame, frame.straight, q);
}

/* The rows of quads that look at nothing behind row @q. */
void Band::dewarpComplete(const Frame &frame, int q)
{
	const unsigned int kept = static_cast<unsigned int>(q);

	while (dewarped_ < pictureRows_.last && (dewarped_ + frame.dewarpRing <= kept || q == quadsY_ - 1))
		dewarpQuads(frame, ring_, dewarped_++);
}

void Band::dewarpQuads(const Frame &frame, const DewarpPicture &straight, unsigned int q)
{
	for (int row = 0; row < 2; ++row) {
		dewarp_.moveTo(frame.params.dewarp, 2 * q + row);
		if (needRgb_)
			dewarpRgb(straight, q, row);
		if (needYcbcr_)
			dewarpYcbcr(straight, row);
	}
	if (needYcbcr_)
		writeDewarped(q);
}

void Band::dewarpRgb(const DewarpPicture &straight, unsigned int q, int row)
{
	uint16_t *const planes[] = { wideRgb_[0][row], wideRgb_[1][row], wideRgb_[2][row] };
	dewarp_.sample(straight.rgb, planes);
	writeWideRgb(2 * q + row, planes);
}

void Band::dewarpYcbcr(const DewarpPicture &straight, int row)
{
	const std::span<const DewarpPlane> planes(straight.ycbcr);
	uint16_t *const luma[] = { wideYcbcr_[0][row] };
	uint16_t *const chroma[] = { converted_[4][0], converted_[5][0] };

	dewarp_.sample(planes.first(1), luma);
	if (row == 0)
		dewarp_.sampleChroma(planes.subspan(1), chroma);
}

/* Two rows of luma and one of chroma to all outputs that are not RGB. */
void Band::writeDewarped(unsigned int q)
{
	const WideQuads quads{ { wideYcbcr_[0][0], wideYcbcr_[0][1] }, { converted_[4][0], converted_[5][0] } };
	for (OutputWriter &writer : writers_) {
		if (writer.takesQuads())
			writer.addQuads(q, quads);
	}
	if (needWideLuma_)
		writeWideYcbcr(q, quads.chroma);
}

} /* namespace fovea::isp */
