/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Digital negatives (DNG 1.6)
 */

#include "dng.h"

#include <algorithm>
#include <array>
#include <bit>
#include <math.h>
#include <numeric>
#include <optional>
#include <stdio.h>
#include <time.h>

#include <fmt/format.h>

#include "tiff.h"

namespace fovea::tune {

using namespace fovea::sensor;

namespace {

/* Tags of TIFF 6.0, TIFF/EP, EXIF 2.3 and DNG 1.6. */
namespace tags {
constexpr TiffTag kNewSubfileType{ 254, "NewSubfileType" };
constexpr TiffTag kImageWidth{ 256, "ImageWidth" };
constexpr TiffTag kImageLength{ 257, "ImageLength" };
constexpr TiffTag kBitsPerSample{ 258, "BitsPerSample" };
constexpr TiffTag kCompression{ 259, "Compression" };
constexpr TiffTag kPhotometric{ 262, "PhotometricInterpretation" };
constexpr TiffTag kFillOrder{ 266, "FillOrder" };
constexpr TiffTag kMake{ 271, "Make" };
constexpr TiffTag kModel{ 272, "Model" };
constexpr TiffTag kStripOffsets{ 273, "StripOffsets" };
constexpr TiffTag kOrientation{ 274, "Orientation" };
constexpr TiffTag kSamplesPerPixel{ 277, "SamplesPerPixel" };
constexpr TiffTag kRowsPerStrip{ 278, "RowsPerStrip" };
constexpr TiffTag kStripByteCounts{ 279, "StripByteCounts" };
constexpr TiffTag kTileWidth{ 322, "TileWidth" };
constexpr TiffTag kTileLength{ 323, "TileLength" };
constexpr TiffTag kTileOffsets{ 324, "TileOffsets" };
constexpr TiffTag kTileByteCounts{ 325, "TileByteCounts" };
constexpr TiffTag kSubIfds{ 330, "SubIFDs" };
constexpr TiffTag kSampleFormat{ 339, "SampleFormat" };
constexpr TiffTag kCfaRepeatPatternDim{ 33421, "CFARepeatPatternDim" };
constexpr TiffTag kCfaPattern{ 33422, "CFAPattern" };
constexpr TiffTag kExposureTime{ 33434, "ExposureTime" };
constexpr TiffTag kExifIfd{ 34665, "ExifIFD" };
constexpr TiffTag kIso{ 34855, "ISOSpeedRatings" };
constexpr TiffTag kDateTimeOriginal{ 36867, "DateTimeOriginal" };
constexpr TiffTag kSubjectDistance{ 37382, "SubjectDistance" };
constexpr TiffTag kSubSecTimeOriginal{ 37521, "SubSecTimeOriginal" };
constexpr TiffTag kDngVersion{ 50706, "DNGVersion" };
constexpr TiffTag kUniqueCameraModel{ 50708, "UniqueCameraModel" };
constexpr TiffTag kCfaPlaneColor{ 50710, "CFAPlaneColor" };
constexpr TiffTag kCfaLayout{ 50711, "CFALayout" };
constexpr TiffTag kLinearizationTable{ 50712, "LinearizationTable" };
constexpr TiffTag kBlackLevelRepeatDim{ 50713, "BlackLevelRepeatDim" };
constexpr TiffTag kBlackLevel{ 50714, "BlackLevel" };
constexpr TiffTag kBlackLevelDeltaH{ 50715, "BlackLevelDeltaH" };
constexpr TiffTag kBlackLevelDeltaV{ 50716, "BlackLevelDeltaV" };
constexpr TiffTag kWhiteLevel{ 50717, "WhiteLevel" };
constexpr TiffTag kColorMatrix1{ 50721, "ColorMatrix1" };
constexpr TiffTag kColorMatrix2{ 50722, "ColorMatrix2" };
constexpr TiffTag kCameraCalibration1{ 50723, "CameraCalibration1" };
constexpr TiffTag kCameraCalibration2{ 50724, "CameraCalibration2" };
constexpr TiffTag kAsShotNeutral{ 50728, "AsShotNeutral" };
constexpr TiffTag kCalibrationIlluminant1{ 50778, "CalibrationIlluminant1" };
constexpr TiffTag kCalibrationIlluminant2{ 50779, "CalibrationIlluminant2" };
constexpr TiffTag kActiveArea{ 50829, "ActiveArea" };
constexpr TiffTag kForwardMatrix1{ 50964, "ForwardMatrix1" };
constexpr TiffTag kForwardMatrix2{ 50965, "ForwardMatrix2" };
constexpr TiffTag kNoiseProfile{ 51041, "NoiseProfile" };
constexpr TiffTag kFrameRate{ 51044, "FrameRate" };
} /* namespace tags */

constexpr unsigned int kCfa = 32803;
constexpr unsigned int kLinearRaw = 34892;
constexpr unsigned int kUncompressed = 1;
constexpr size_t kMaximumSubIfds = 32;
constexpr uint64_t kMaximumSide = 16384;

/* Where the samples are in the file, and how they are packed. */
struct Raster {
	uint64_t width;
	uint64_t height;
	unsigned int bits;
	uint64_t tileWidth;		/* a strip is a tile of the whole width */
	uint64_t tileHeight;
	std::vector<uint64_t> offsets;
	std::vector<uint64_t> sizes;

	uint64_t across() const { return (width + tileWidth - 1) / tileWidth; }
	uint64_t down() const { return (height + tileHeight - 1) / tileHeight; }
	uint64_t rowBytes() const { return (tileWidth * bits + 7) / 8; }
};

struct ActiveArea {
	uint64_t top;
	uint64_t left;
	uint64_t bottom;
	uint64_t right;
};

class DngReader
{
public:
	DngReader(std::span<const uint8_t> bytes, RawImage *image, std::string *error)
		: file_(bytes, error), image_(image)
	{
	}

	DngResult read();

private:
	bool readDirectories();
	bool readExifDirectory();
	bool readSubDirectories();
	bool readFormat();
	bool readRaster();
	bool readTiles();
	bool readActiveArea();
	bool readPattern();
	bool readLinearization();
	bool readBlackLevels();
	bool readLevels();
	bool readColour();
	bool readMatrix(TiffTag illuminant, TiffTag matrix, TiffTag calibration, TiffTag forward);
	bool readNeutral();
	bool readOrientation();
	bool readCapture();
	bool readExposure();
	bool readTime();
	bool readNoise();
	bool readSamples();
	bool unpackTile(uint64_t tile, std::vector<uint16_t> *all);
	void crop(const std::vector<uint16_t> &all);

	TiffFile file_;
	RawImage *image_;
	TiffDirectory first_;
	TiffDirectory raw_;
	TiffDirectory exif_;
	Raster raster_{};
	ActiveArea area_{};
	std::vector<uint16_t> linearization_;
	unsigned int compression_ = kUncompressed;
};

/* The directory with the colour filter array: the first, or one below it. */
bool DngReader::readDirectories()
{
	uint64_t offset;

	if (!file_.readHeader(&offset) || !file_.readDirectory(offset, &first_))
		return false;
	if (first_.has(tags::kDngVersion))
		return readExifDirectory() && readSubDirectories();

	return true;
}

bool DngReader::readExifDirectory()
{
	uint64_t offset;

	if (!first_.has(tags::kExifIfd))
		return true;

	return first_.integer(tags::kExifIfd, 0, UINT32_MAX, &offset) &&
	       file_.readDirectory(offset, &exif_);
}

bool DngReader::readSubDirectories()
{
	std::vector<TiffDirectory> candidates{ first_ };
	std::vector<uint64_t> offsets;
	uint64_t photometric = 0;

	if (first_.has(tags::kSubIfds) &&
	    !first_.integers(tags::kSubIfds, 1, kMaximumSubIfds, 0, UINT32_MAX, &offsets))
		return false;
	for (uint64_t offset : offsets) {
		if (!file_.readDirectory(offset, &candidates.emplace_back()))
			return false;
	}

	for (const TiffDirectory &directory : candidates) {
		uint64_t type = 0;
		if (!directory.has(tags::kPhotometric))
			continue;
		if (!directory.integer(tags::kPhotometric, 0, UINT16_MAX, &photometric) ||
		    (directory.has(tags::kNewSubfileType) &&
		     !directory.integer(tags::kNewSubfileType, 0, UINT32_MAX, &type)))
			return false;
		if (photometric == kCfa && type == 0) {
			raw_ = directory;
			return true;
		}
		if (photometric == kLinearRaw && type == 0)
			return directory.fail(tags::kPhotometric,
					      "got 34892 (LinearRaw), expected 32803 (CFA): the frame is no longer a mosaic");
	}

	return first_.fail(tags::kPhotometric,
			   "no full-size picture has 32803 (CFA) here: there are no raw samples");
}

bool DngReader::readFormat()
{
	std::vector<uint64_t> bits;
	uint64_t value;

	if (!raw_.integers(tags::kBitsPerSample, 1, 1, 1, 64, &bits) ||
	    !raw_.integer(tags::kImageWidth, 16, kMaximumSide, &raster_.width) ||
	    !raw_.integer(tags::kImageLength, 16, kMaximumSide, &raster_.height) ||
	    (raw_.has(tags::kCompression) && !raw_.integer(tags::kCompression, 0, UINT16_MAX, &value)))
		return false;
	if (raw_.has(tags::kCompression))
		compression_ = value;

	for (TiffTag one : { tags::kSamplesPerPixel, tags::kSampleFormat, tags::kFillOrder }) {
		if (raw_.has(one) && !raw_.integer(one, 1, 1, &value))
			return false;
	}

	if (bits[0] < 8 || bits[0] > 16)
		return raw_.fail(tags::kBitsPerSample, fmt::format("got {}, expected 8 to 16", bits[0]));
	raster_.bits = bits[0];
	return true;
}

/* Strips and tiles are the same but for their names. */
bool DngReader::readTiles()
{
	const bool tiled = raw_.has(tags::kTileWidth);
	const TiffTag offsets = tiled ? tags::kTileOffsets : tags::kStripOffsets;
	const TiffTag sizes = tiled ? tags::kTileByteCounts : tags::kStripByteCounts;

	raster_.tileWidth = raster_.width;
	raster_.tileHeight = raster_.height;
	if (tiled) {
		if (!raw_.integer(tags::kTileWidth, 16, 2 * kMaximumSide, &raster_.tileWidth) ||
		    !raw_.integer(tags::kTileLength, 16, 2 * kMaximumSide, &raster_.tileHeight))
			return false;
	} else if (raw_.has(tags::kRowsPerStrip)) {
		if (!raw_.integer(tags::kRowsPerStrip, 1, UINT32_MAX, &raster_.tileHeight))
			return false;
		raster_.tileHeight = std::min(raster_.tileHeight, raster_.height);
	}

	const uint64_t count = raster_.across() * raster_.down();
	return raw_.integers(offsets, count, count, 0, UINT32_MAX, &raster_.offsets) &&
	       raw_.integers(sizes, count, count, 0, UINT32_MAX, &raster_.sizes);
}

bool DngReader::readRaster()
{
	if (!readTiles())
		return false;

	/* Where strips shared bytes, a small file could ask for much memory. */
	const uint64_t end = file_.bytes().size();
	if (std::accumulate(raster_.sizes.begin(), raster_.sizes.end(), uint64_t{ 0 }) > end)
		return raw_.fail(raw_.has(tags::kTileWidth) ? tags::kTileByteCounts : tags::kStripByteCounts,
				 fmt::format("more bytes than the file's {}", end));

	for (size_t i = 0; i < raster_.offsets.size(); i++) {
		const uint64_t offset = raster_.offsets[i], size = raster_.sizes[i];
		if (offset > end || size > end - offset)
			return file_.fail(offset, fmt::format("truncated: strip or tile {} has {} bytes, the file ends at {}",
							      i, size, end));

		/* A last strip may have the lines that are left only. */
		const bool tiled = raster_.tileWidth != raster_.width;
		const uint64_t first = i / raster_.across() * raster_.tileHeight;
		const uint64_t rows = tiled ? raster_.tileHeight
					    : std::min(raster_.tileHeight, raster_.height - first);
		if (compression_ == kUncompressed && size < rows * raster_.rowBytes())
			return file_.fail(offset, fmt::format("strip or tile {}: {} bytes, expected {} ({} lines of {})",
							      i, size, rows * raster_.rowBytes(), rows,
							      raster_.rowBytes()));
	}

	return true;
}

/* The light-sensitive part; of an even size, as the mosaic is of quads. */
bool DngReader::readActiveArea()
{
	std::vector<uint64_t> edges{ 0, 0, raster_.height, raster_.width };

	if (raw_.has(tags::kActiveArea) &&
	    !raw_.integers(tags::kActiveArea, 4, 4, 0, 2 * kMaximumSide, &edges))
		return false;

	area_ = { edges[0], edges[1], edges[2], edges[3] };
	if (area_.bottom > raster_.height || area_.right > raster_.width ||
	    area_.top + 16 > area_.bottom || area_.left + 16 > area_.right)
		return raw_.fail(tags::kActiveArea,
				 fmt::format("got {}, {}, {}, {}, expected at least 16x16 within {}x{}",
					     edges[0], edges[1], edges[2], edges[3], raster_.width,
					     raster_.height));

	RawLayout &layout = image_->recording.layout;
	layout.width = (area_.right - area_.left) & ~uint64_t{ 1 };
	layout.height = (area_.bottom - area_.top) & ~uint64_t{ 1 };
	return true;
}

/* The colours of the quad at the corner of the active area. */
bool DngReader::readPattern()
{
	static constexpr std::array<std::array<uint64_t, 4>, 4> kOrders = {
		{ { 0, 1, 1, 2 }, { 1, 0, 2, 1 }, { 1, 2, 0, 1 }, { 2, 1, 1, 0 } }
	};
	std::vector<uint64_t> dim, pattern, planes{ 0, 1, 2 };
	uint64_t layout = 1;

	if (!raw_.integers(tags::kCfaRepeatPatternDim, 2, 2, 1, 64, &dim))
		return false;
	if (dim[0] != 2 || dim[1] != 2)
		return raw_.fail(tags::kCfaRepeatPatternDim,
				 fmt::format("got {}x{}, expected 2x2: only Bayer mosaics are supported",
					     dim[0], dim[1]));
	if (!raw_.integers(tags::kCfaPattern, 4, 4, 0, 255, &pattern) ||
	    (raw_.has(tags::kCfaLayout) && !raw_.integer(tags::kCfaLayout, 1, 1, &layout)) ||
	    (raw_.has(tags::kCfaPlaneColor) &&
	     !raw_.integers(tags::kCfaPlaneColor, 1, 4, 0, 255, &planes)))
		return false;
	if (planes != std::vector<uint64_t>{ 0, 1, 2 })
		return raw_.fail(tags::kCfaPlaneColor, "expected 0, 1, 2: red, green, blue");

	std::array<uint64_t, 4> quad;
	for (size_t i = 0; i < quad.size(); i++)
		quad[i] = pattern[(area_.top + i / 2) % 2 * 2 + (area_.left + i) % 2];

	const auto order = std::find(kOrders.begin(), kOrders.end(), quad);
	if (order == kOrders.end())
		return raw_.fail(tags::kCfaPattern,
				 fmt::format("got {}, expected a Bayer mosaic of red (0), two of green (1), blue (2)",
					     fmt::join(pattern, ", ")));

	image_->recording.order = static_cast<BayerOrder>(order - kOrders.begin());
	return true;
}

bool DngReader::readLinearization()
{
	std::vector<uint64_t> table;

	if (!raw_.has(tags::kLinearizationTable))
		return true;
	if (!raw_.integers(tags::kLinearizationTable, 1, 65536, 0, UINT16_MAX, &table))
		return false;

	linearization_.assign(table.begin(), table.end());
	return true;
}

/* The mean of a delta, which the frame has as a whole; see readBlackLevels(). */
double mean(const std::vector<double> &values)
{
	double sum = 0.0;

	for (double v : values)
		sum += v;
	return values.empty() ? 0.0 : sum / values.size();
}

/*
 * The levels of the active area's quad. A pattern of another size than 1x1, 1x2, 2x1 or
 * 2x2 cannot be told of four samples. Deltas of columns and rows are kept as
 * their mean only.
 */
bool DngReader::readBlackLevels()
{
	std::array<double, 4> &levels = image_->recording.blackLevels;
	std::vector<uint64_t> dim{ 1, 1 };
	std::vector<double> black{ 0.0 }, deltaH, deltaV;

	if (raw_.has(tags::kBlackLevelRepeatDim) &&
	    !raw_.integers(tags::kBlackLevelRepeatDim, 2, 2, 1, 2, &dim))
		return false;

	const size_t count = dim[0] * dim[1];
	if (raw_.has(tags::kBlackLevel) &&
	    !raw_.numbers(tags::kBlackLevel, count, count, 0.0, UINT16_MAX, &black))
		return false;
	black.resize(count, black[0]);

	if ((raw_.has(tags::kBlackLevelDeltaH) &&
	     !raw_.numbers(tags::kBlackLevelDeltaH, 1, kMaximumSide, -65535.0, 65535.0, &deltaH)) ||
	    (raw_.has(tags::kBlackLevelDeltaV) &&
	     !raw_.numbers(tags::kBlackLevelDeltaV, 1, kMaximumSide, -65535.0, 65535.0, &deltaV)))
		return false;

	/* The pattern starts at the corner of the active area. */
	const double delta = mean(deltaH) + mean(deltaV);
	for (size_t i = 0; i < levels.size(); i++)
		levels[i] = std::max(0.0, black[i / 2 % dim[0] * dim[1] + i % dim[1]] + delta);

	image_->recording.blackLevel = (levels[0] + levels[1] + levels[2] + levels[3]) / 4.0;
	return true;
}

/* The bit depth follows from the white level, where samples have words for themselves. */
bool DngReader::readLevels()
{
	Recording &recording = image_->recording;
	uint64_t white = (uint64_t{ 1 } << raster_.bits) - 1;

	if (!readLinearization() || !readBlackLevels())
		return false;
	if (!linearization_.empty())
		white = *std::max_element(linearization_.begin(), linearization_.end());
	if (raw_.has(tags::kWhiteLevel) && !raw_.integer(tags::kWhiteLevel, 1, UINT16_MAX, &white))
		return false;

	const double black = *std::max_element(recording.blackLevels.begin(), recording.blackLevels.end());
	if (white < black + 1.0)
		return raw_.fail(tags::kWhiteLevel,
				 fmt::format("got {}, expected more than the black level {}", white, black));

	const unsigned int whiteBits = std::bit_width(white);
	const bool words = raster_.bits == 16 || !linearization_.empty();
	recording.whiteLevel = white;
	recording.layout.bitDepth = evenDepth(words ? whiteBits : std::max(raster_.bits, whiteBits));
	return true;
}

bool readMatrix9(const TiffDirectory &directory, TiffTag tag, std::optional<Matrix9> *matrix)
{
	constexpr double kLargest = 1000.0;
	std::vector<double> values;

	if (!directory.has(tag))
		return true;
	if (!directory.numbers(tag, 9, 9, -kLargest, kLargest, &values))
		return false;

	std::copy(values.begin(), values.end(), matrix->emplace().begin());
	return true;
}

bool DngReader::readMatrix(TiffTag illuminant, TiffTag matrix, TiffTag calibration,
			   TiffTag forward)
{
	std::optional<Matrix9> xyzToCamera;
	ColourMatrix colour{};
	uint64_t light = 0;

	if (!first_.has(matrix))
		return true;
	if ((first_.has(illuminant) && !first_.integer(illuminant, 0, 255, &light)) ||
	    !readMatrix9(first_, matrix, &xyzToCamera) ||
	    !readMatrix9(first_, calibration, &colour.calibration) ||
	    !readMatrix9(first_, forward, &colour.forward))
		return false;

	colour.illuminant = light;
	colour.xyzToCamera = *xyzToCamera;
	image_->recording.matrices.push_back(colour);
	return true;
}

bool DngReader::readNeutral()
{
	std::vector<double> values;

	if (!first_.has(tags::kAsShotNeutral))
		return true;
	if (!first_.numbers(tags::kAsShotNeutral, 3, 3, 1e-6, 1e6, &values))
		return false;

	const double neutral[3] = { values[0], values[1], values[2] };
	setNeutral(neutral, &image_->info);
	return true;
}

bool DngReader::readColour()
{
	return readMatrix(tags::kCalibrationIlluminant1, tags::kColorMatrix1,
			  tags::kCameraCalibration1, tags::kForwardMatrix1) &&
	       readMatrix(tags::kCalibrationIlluminant2, tags::kColorMatrix2,
			  tags::kCameraCalibration2, tags::kForwardMatrix2) &&
	       readNeutral();
}

/* A frame that lies on its side is left so: the mosaic of the sensor is upright. */
bool DngReader::readOrientation()
{
	using Orientation = Recording::Orientation;
	static constexpr Orientation kOrientations[] = { Orientation::Rotate0, Orientation::MirrorX,
							 Orientation::Rotate180, Orientation::MirrorY };
	uint64_t value = 1;

	if (first_.has(tags::kOrientation) && !first_.integer(tags::kOrientation, 0, 9, &value))
		return false;

	image_->recording.orientation = value >= 1 && value <= 4 ? kOrientations[value - 1]
								 : Orientation::Rotate0;
	return true;
}

bool DngReader::readExposure()
{
	std::vector<double> values;

	for (const TiffDirectory &directory : { first_, exif_ }) {
		if (directory.has(tags::kExposureTime)) {
			if (!directory.numbers(tags::kExposureTime, 1, 1, 0.0, 3600.0, &values))
				return false;
			image_->info.exposureTime = values[0];
		}
		if (directory.has(tags::kIso)) {
			if (!directory.numbers(tags::kIso, 1, 8, 0.0, 1e6, &values))
				return false;
			if (values[0] > 0.0 && values[0] < 1.0)
				return directory.fail(tags::kIso, fmt::format("{}, expected 0 or 1 to 1000000",
									      values[0]));
			image_->info.analogueGain = values[0] / 100.0;
		}
	}

	/* Infinity is a numerator of ones; 0 means that the distance is not known. */
	constexpr double kNearest = 0.001;
	const std::optional<double> distance = exif_.value(tags::kSubjectDistance);
	if (distance && *distance >= kNearest)
		image_->info.lensPosition = *distance >= UINT32_MAX ? 0.0 : 1.0 / *distance;
	return true;
}

/* Nanoseconds since 1970 of the camera's clock, of which no time zone is known. */
bool DngReader::readTime()
{
	constexpr uint64_t kSecond = 1'000'000'000;
	const std::string text = exif_.has(tags::kDateTimeOriginal)
					 ? exif_.text(tags::kDateTimeOriginal)
					 : first_.text(tags::kDateTimeOriginal);
	struct tm time{};

	if (sscanf(text.c_str(), "%4d:%2d:%2d %2d:%2d:%2d", &time.tm_year, &time.tm_mon, &time.tm_mday,
		   &time.tm_hour, &time.tm_min, &time.tm_sec) != 6 || time.tm_year < 1970)
		return true;

	time.tm_year -= 1900;
	time.tm_mon -= 1;
	const time_t seconds = timegm(&time);
	if (seconds < 0)
		return true;

	uint64_t fraction = 0, unit = kSecond;
	for (char c : exif_.text(tags::kSubSecTimeOriginal)) {
		if (c < '0' || c > '9' || unit == 1)
			break;
		unit /= 10;
		fraction += (c - '0') * unit;
	}

	image_->info.timestamp = seconds * kSecond + fraction;
	return true;
}

/*
 * NoiseProfile: the variance of a sample that is normalised to 1 is S x + O. Of several
 * planes green is in the middle. What it says at the gain of the capture is brought to
 * gain 1; all constant noise is taken as that of the pixel.
 */
bool DngReader::readNoise()
{
	/* What a recording allows; no sensor comes near. */
	constexpr double kLeastConversionGain = 1e-6, kMostConversionGain = 1e4;
	constexpr double kMostReadNoise = 1e5;

	Recording &recording = image_->recording;
	const FrameInfo &info = image_->info;
	const TiffDirectory &directory = raw_.has(tags::kNoiseProfile) ? raw_ : first_;
	std::vector<double> values;

	if (!directory.has(tags::kNoiseProfile) || info.analogueGain <= 0.0)
		return true;
	if (!directory.numbers(tags::kNoiseProfile, 2, 8, 0.0, 1.0, &values))
		return false;

	const size_t plane = values.size() >= 6 ? 2 : 0;
	const double range = recording.whiteLevel - recording.blackLevel;
	const double codesPerElectron = values[plane] * range;
	if (codesPerElectron <= 0.0)
		return true;

	const NoiseModel noise{ codesPerElectron / info.analogueGain,
				sqrt(values[plane + 1]) * range / codesPerElectron, 0.0 };
	if (noise.conversionGain < kLeastConversionGain || noise.conversionGain > kMostConversionGain ||
	    noise.readNoise > kMostReadNoise)
		return directory.fail(tags::kNoiseProfile,
				      fmt::format("{} codes per electron and {} electrons of read noise, expected {} to {} and at most {}",
						  noise.conversionGain, noise.readNoise, kLeastConversionGain,
						  kMostConversionGain, kMostReadNoise));

	recording.noise = noise;
	return true;
}

bool DngReader::readCapture()
{
	Recording &recording = image_->recording;
	const std::string make = first_.text(tags::kMake);
	const std::string model = first_.has(tags::kModel) ? first_.text(tags::kModel)
							   : first_.text(tags::kUniqueCameraModel);
	std::vector<double> rate;

	recording.model = modelName(make, model);
	recording.source = make.empty() ? model : make + " " + model;
	if (first_.has(tags::kFrameRate)) {
		if (!first_.numbers(tags::kFrameRate, 1, 1, 0.0, 1e6, &rate))
			return false;
		recording.frameRate = std::clamp(lround(rate[0]), 1l, 240l);
	}

	return readExposure() && readTime() && readNoise();
}

/* Samples of any depth follow each other, the most significant bit first; TIFF 6.0. */
void unpackBits(const uint8_t *in, unsigned int bits, uint64_t count, uint16_t *out)
{
	const uint32_t mask = (1u << bits) - 1;
	uint32_t buffer = 0;
	unsigned int held = 0;

	for (uint64_t i = 0; i < count; i++) {
		while (held < bits) {
			buffer = buffer << 8 | *in++;
			held += 8;
		}
		held -= bits;
		out[i] = buffer >> held & mask;
	}
}

bool DngReader::unpackTile(uint64_t tile, std::vector<uint16_t> *all)
{
	const uint64_t left = tile % raster_.across() * raster_.tileWidth;
	const uint64_t top = tile / raster_.across() * raster_.tileHeight;
	const uint64_t columns = std::min(raster_.tileWidth, raster_.width - left);
	const uint64_t rows = std::min(raster_.tileHeight, raster_.height - top);

	for (uint64_t y = 0; y < rows; y++) {
		const uint64_t offset = raster_.offsets[tile] + y * raster_.rowBytes();
		const uint8_t *in = file_.bytes().data() + offset;
		uint16_t *out = all->data() + (top + y) * raster_.width + left;

		if (raster_.bits == 16) {
			for (uint64_t x = 0; x < columns; x++)
				out[x] = file_.u16(offset + 2 * x);
		} else {
			unpackBits(in, raster_.bits, columns, out);
		}
	}

	return true;
}

void DngReader::crop(const std::vector<uint16_t> &all)
{
	const RawLayout &layout = image_->recording.layout;

	image_->samples.resize(size_t{ layout.width } * layout.height);
	for (size_t y = 0; y < layout.height; y++)
		std::copy_n(all.begin() + (area_.top + y) * raster_.width + area_.left, layout.width,
			    image_->samples.begin() + y * layout.width);
}

bool DngReader::readSamples()
{
	std::vector<uint16_t> all(raster_.width * raster_.height);
	RawLayout &layout = image_->recording.layout;

	for (size_t tile = 0; tile < raster_.offsets.size(); tile++) {
		if (!unpackTile(tile, &all))
			return false;
	}

	crop(all);
	if (!linearization_.empty()) {
		for (uint16_t &sample : image_->samples)
			sample = linearization_[std::min<size_t>(sample, linearization_.size() - 1)];
	}

	/* Some say a white level below what samples reach. */
	const uint16_t largest = *std::max_element(image_->samples.begin(), image_->samples.end());
	if (largest >> layout.bitDepth)
		layout.bitDepth = evenDepth(std::bit_width(largest));
	return true;
}

DngResult DngReader::read()
{
	if (!readDirectories())
		return DngResult::Bad;
	if (!first_.has(tags::kDngVersion))
		return DngResult::NotDng;
	if (!readFormat() || !readRaster() || !readActiveArea() || !readPattern() || !readLevels() ||
	    !readColour() || !readOrientation() || !readCapture())
		return DngResult::Bad;
	if (compression_ != kUncompressed)
		return DngResult::Compressed;

	return readSamples() ? DngResult::Read : DngResult::Bad;
}

} /* namespace */

/**
 * \brief Read a digital negative
 * \param[in] file The whole file
 * \param[out] image The frame, cut to the active area
 * \param[out] error What is wrong: the offset, the field, and the expected range
 *
 * Black levels are those of the active area's first quad, the bit depth is the least
 * even one that holds the white level and all samples. The linearization table is
 * applied. Thumbnails, opcodes and profiles are left out. No more memory is used than for
 * three times the samples; their size is at most 16384 x 16384.
 *
 * Samples that are compressed are left to whoever can decode them; all else is read.
 */
DngResult readDng(std::span<const uint8_t> file, RawImage *image, std::string *error)
{
	error->clear();
	constexpr uint8_t kLittle[] = { 'I', 'I', 42, 0 }, kBig[] = { 'M', 'M', 0, 42 };
	if (file.size() < sizeof(kLittle) || (!std::equal(std::begin(kLittle), std::end(kLittle), file.begin()) &&
					      !std::equal(std::begin(kBig), std::end(kBig), file.begin())))
		return DngResult::NotDng;

	return DngReader(file, image, error).read();
}

} /* namespace fovea::tune */
