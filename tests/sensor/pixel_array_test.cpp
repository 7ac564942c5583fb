/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * What frames of known light tell of the pixels, against the sensor models
 */

#include <algorithm>
#include <math.h>
#include <set>
#include <string.h>
#include <vector>

#include <gtest/gtest.h>

#include "isp_sim/sensor/model.h"
#include "isp_sim/sensor/pixel_array.h"
#include "isp_sim/sensor/truth.h"

using namespace fovea::sensor;

namespace {

constexpr unsigned int kSize = 512;

using Frame = std::vector<double>;

SensorModel loadModel(const std::string &name)
{
	std::string error;
	auto model = loadSensorModel(FOVEA_SOURCE_DIR "/rigs/sensors/" + name + ".yaml", &error);

	EXPECT_TRUE(model) << error;
	return model.value_or(SensorModel{});
}

/* The model with one mode only: the middle of its array, pixel by pixel. */
SensorModel middleOf(SensorModel model)
{
	const Rectangle &active = model.properties.activeArea;
	Mode mode = model.properties.modes.front();

	mode.width = kSize;
	mode.height = kSize;
	mode.bitDepth = model.pixel.bitDepth;
	mode.analogCrop = { active.left + int(active.width - kSize) / 4 * 2,
			    active.top + int(active.height - kSize) / 4 * 2, kSize, kSize };
	mode.exposures = 1;
	mode.companded = false;
	model.properties.modes = { mode };
	model.readouts = { Readout{} };
	return model;
}

/* A sensor of which only the converter and the size are known. */
SensorModel plainModel()
{
	SensorModel model = middleOf(loadModel("imx477"));
	PixelModel pixel;

	pixel.bitDepth = 12;
	pixel.blackLevel = 256;
	pixel.conversionGain = 0.5;
	pixel.fullWell = 7000;
	pixel.readNoise = 2.0;
	pixel.converterNoise = 0.5;
	model.pixel = pixel;
	model.shading = {};
	return model;
}

/* A sensor in light that is known, and what it has seen. */
class Camera
{
public:
	explicit Camera(const SensorModel &model, unsigned int mode = 0)
		: model_(model), mode_(model.properties.modes[mode]), pixels_(model),
		  settings_{ mode, 1000, model.properties.analogueGain.min, 0, false, false }
	{
		flat(0.0);
	}

	const Mode &mode() const { return mode_; }
	unsigned int height() const { return mode_.height / mode_.exposures; }
	FrameSettings &settings() { return settings_; }
	double time(unsigned int exposure = 0) const { return pixels_.exposureTime(settings_, exposure); }

	/* Codes for an electron. */
	double scale() const
	{
		return model_.pixel.conversionGain * model_.gain.gain(settings_.analogueGain) *
		       model_.readouts[settings_.mode].dualGain;
	}

	/* So much light that each pixel gets that many electrons in an exposure. */
	void flat(double electrons) { show(std::vector<double>(mode_.width * height(), electrons)); }

	void show(const std::vector<double> &electrons)
	{
		const double largest = *std::max_element(electrons.begin(), electrons.end());
		SignalMap map{ mode_.width, height(), std::max(largest, 1.0) / time(), {} };

		for (double e : electrons)
			map.index.push_back(lround(sqrt(e / std::max(largest, 1.0)) * kSignalMax));
		layers_ = { { std::make_shared<const SignalMap>(map), {} } };
	}

	void show(const std::vector<SignalLayer> &layers) { layers_ = layers; }

	/* The codes of one exposure of a frame. */
	Frame frame(uint32_t sequence, unsigned int exposure = 0)
	{
		const bool deep = mode_.bitDepth > 8;
		const size_t stride = mode_.width * (deep ? 2 : 1);
		std::vector<uint8_t> raw(stride * mode_.height);
		Frame codes;

		pixels_.expose(settings_, sequence, exposure, layers_, raw, stride);
		for (unsigned int y = 0; y < height(); y++) {
			const uint8_t *line = raw.data() + (y * mode_.exposures + exposure) * stride;
			for (unsigned int x = 0; x < mode_.width; x++) {
				uint16_t code = line[x];
				if (deep)
					memcpy(&code, line + 2 * x, 2);
				codes.push_back(code);
			}
		}

		return codes;
	}

	/* The mean of \a count frames: what is fixed remains. */
	Frame average(unsigned int count)
	{
		Frame sum = frame(0);

		for (unsigned int i = 1; i < count; i++)
			std::transform(sum.begin(), sum.end(), frame(i).begin(), sum.begin(), std::plus<>());
		for (double &v : sum)
			v /= count;
		return sum;
	}

private:
	const SensorModel model_;
	const Mode mode_;
	PixelArray pixels_;
	FrameSettings settings_;
	std::vector<SignalLayer> layers_;
};

double meanOf(const Frame &frame)
{
	double sum = 0.0;

	for (double v : frame)
		sum += v;
	return sum / frame.size();
}

double varianceOf(const Frame &frame)
{
	const double mean = meanOf(frame);
	double sum = 0.0;

	for (double v : frame)
		sum += (v - mean) * (v - mean);
	return sum / frame.size();
}

/* Of one pixel, from the difference of two frames, which is free of fixed patterns. */
double temporalVariance(const Frame &a, const Frame &b)
{
	Frame difference(a.size());

	std::transform(a.begin(), a.end(), b.begin(), difference.begin(), std::minus<>());
	return varianceOf(difference) / 2.0;
}

/* Means of the rows, or of the columns, of a square frame. */
Frame lineMeans(const Frame &frame, bool rows)
{
	Frame means(kSize, 0.0);

	for (size_t i = 0; i < frame.size(); i++)
		means[rows ? i / kSize : i % kSize] += frame[i] / kSize;
	return means;
}

constexpr double kRounding = 1.0 / 12;

class PhotonTransfer : public testing::TestWithParam<const char *>
{
};

} /* namespace */

/*
 * The photon-transfer curve: at each gain and level mean and variance are the model's,
 * and so is the slope, the conversion gain.
 */
TEST_P(PhotonTransfer, IsThatOfTheModel)
{
	const SensorModel model = middleOf(loadModel(GetParam()));
	const PixelModel &pixel = model.pixel;
	const Range &gains = model.properties.analogueGain;
	Camera camera(model);

	for (int32_t code : { gains.min, gains.min + (gains.max - gains.min) / 3, gains.max }) {
		camera.settings().analogueGain = code;
		const double gain = model.gain.gain(code);
		const bool high = pixel.highConversion.gain > 0.0 && gain >= pixel.highConversion.gain;
		const double read = high ? pixel.highConversion.readNoise : pixel.readNoise;
		const double well = high ? pixel.highConversion.fullWell : pixel.fullWell;
		const double dark = pixel.dark.rate * pixel.dark.ratio() * camera.time();
		const double range = ((1 << pixel.bitDepth) - 1 - pixel.blackLevel) / camera.scale();
		const double most = std::min(range, well);
		Frame levels, variances;

		for (double share : { 0.02, 0.1, 0.3, 0.6, 0.8 }) {
			const double electrons = share * most;
			camera.flat(electrons);
			const Frame a = camera.frame(1), b = camera.frame(2);
			const double noise = electrons + dark + read * read + pow(pixel.rows.noise, 2) +
					     pow(pixel.columns.noise, 2);
			const double variance = noise * pow(camera.scale(), 2) +
						pow(pixel.converterNoise, 2) + kRounding;

			levels.push_back((meanOf(a) + meanOf(b)) / 2);
			variances.push_back(temporalVariance(a, b));
			EXPECT_NEAR((levels.back() - pixel.blackLevel) / (electrons * camera.scale()), 1.0, 0.02)
				<< code << " " << electrons;
			EXPECT_NEAR(variances.back() / variance, 1.0, 0.02) << code << " " << electrons;
		}

		const double slope = (variances[4] - variances[0]) / (levels[4] - levels[0]);
		EXPECT_NEAR(slope / camera.scale(), 1.0, 0.02) << code;
	}
}

INSTANTIATE_TEST_SUITE_P(Sensors, PhotonTransfer, testing::Values("imx219", "imx477", "imx678", "imx708"),
			 [](const auto &test) { return std::string(test.param); });

TEST(PixelArray, ResponseOfPixelsDiffers)
{
	SensorModel model = plainModel();
	model.pixel.responseNonUniformity = 0.01;
	Camera camera(model);
	camera.flat(5000);

	constexpr unsigned int kFrames = 16;
	const Frame mean = camera.average(kFrames);
	const double temporal = temporalVariance(camera.frame(100), camera.frame(101)) / kFrames;
	const double signal = meanOf(mean) - model.pixel.blackLevel;
	EXPECT_NEAR(sqrt(varianceOf(mean) - temporal) / signal, 0.01, 0.0002);
}

TEST(PixelArray, OffsetsOfPixelsDiffer)
{
	SensorModel model = plainModel();
	model.pixel.offsetNonUniformity = 3.0;
	Camera camera(model);

	constexpr unsigned int kFrames = 16;
	const Frame mean = camera.average(kFrames);
	const double temporal = temporalVariance(camera.frame(100), camera.frame(101)) / kFrames;
	EXPECT_NEAR(sqrt(varianceOf(mean) - temporal) / camera.scale(), 3.0, 0.06);
}

/* Dark current brings signal, shot noise and a pattern; eight degrees more double it. */
TEST(PixelArray, DarkCurrentGrowsWithTimeAndTemperature)
{
	SensorModel model = plainModel();
	model.pixel.dark = { 2000.0, 0.0, 25.0, 8.0, 25.0, false };

	for (double temperature : { 25.0, 33.0, 41.0 }) {
		model.pixel.dark.temperature = temperature;
		Camera camera(model);
		const double rate = 2000.0 * exp2((temperature - 25.0) / 8.0);
		const Frame a = camera.frame(0), b = camera.frame(1);
		const double electrons = rate * camera.time();
		EXPECT_NEAR((meanOf(a) - 256) / camera.scale() / electrons, 1.0, 0.01) << temperature;

		const double noise = temporalVariance(a, b) - kRounding - pow(model.pixel.converterNoise, 2);
		EXPECT_NEAR((noise / pow(camera.scale(), 2) - 4.0) / electrons, 1.0, 0.03) << temperature;

		/* Covered pixels take the mean away, not the noise. */
		model.pixel.dark.clamped = true;
		Camera clamped(model);
		EXPECT_NEAR(meanOf(clamped.frame(0)), 256.0, 0.1);
		EXPECT_NEAR(temporalVariance(clamped.frame(0), clamped.frame(1)), temporalVariance(a, b), 0.1);
		model.pixel.dark.clamped = false;
	}
}

TEST(PixelArray, DarkCurrentsOfPixelsDiffer)
{
	SensorModel model = plainModel();
	model.pixel.dark = { 2000.0, 0.2, 25.0, 8.0, 25.0, false };
	Camera camera(model);

	constexpr unsigned int kFrames = 16;
	const double electrons = 2000.0 * camera.time();
	const double temporal = temporalVariance(camera.frame(100), camera.frame(101)) / kFrames;
	const double pattern = sqrt(varianceOf(camera.average(kFrames)) - temporal) / camera.scale();
	EXPECT_NEAR(pattern / electrons, 0.2, 0.005);
}

TEST(PixelArray, RowsAndColumnsHaveStructure)
{
	SensorModel model = plainModel();
	model.pixel.rows = { 4.0, 3.0, 0.0 };
	model.pixel.columns = { 5.0, 2.0, 0.02 };
	Camera camera(model);
	const double scale = camera.scale();

	/* In the means of lines the noise of pixels is small. A sample of 512 lines errs by 3 %. */
	const Frame a = camera.frame(0), b = camera.frame(1);
	Frame difference(a.size());
	std::transform(a.begin(), a.end(), b.begin(), difference.begin(), std::minus<>());
	EXPECT_NEAR(sqrt(varianceOf(lineMeans(difference, true)) / 2) / scale, 3.0, 0.3);
	EXPECT_NEAR(sqrt(varianceOf(lineMeans(difference, false)) / 2) / scale, 2.0, 0.2);

	const Frame mean = camera.average(32);
	EXPECT_NEAR(sqrt(varianceOf(lineMeans(mean, true))) / scale, 4.0, 0.4);
	EXPECT_NEAR(sqrt(varianceOf(lineMeans(mean, false))) / scale, 5.0, 0.5);

	/* Differences in response grow with the signal. */
	camera.flat(5000);
	Frame bright = camera.average(32);
	std::transform(bright.begin(), bright.end(), mean.begin(), bright.begin(), std::minus<>());
	EXPECT_NEAR(sqrt(varianceOf(lineMeans(bright, false))) / (5000 * scale), 0.02, 0.002);
}

/* From the dark, neighbours of a bright pixel get their shares; light is not lost. */
TEST(PixelArray, CrosstalkGoesToNeighbours)
{
	SensorModel model = plainModel();
	model.pixel.crosstalkEdge = 0.05;
	model.pixel.crosstalkCorner = 0.01;
	Camera camera(model);

	/* Bright pixels far from each other. */
	constexpr unsigned int kDistance = 8;
	std::vector<double> light(kSize * kSize, 0.0);
	for (unsigned int y = 4; y < kSize; y += kDistance) {
		for (unsigned int x = 4; x < kSize; x += kDistance)
			light[y * kSize + x] = 5000;
	}
	camera.show(light);

	const Frame frame = camera.frame(0);
	double shares[3][3] = {};
	for (unsigned int y = 4; y < kSize; y += kDistance) {
		for (unsigned int x = 4; x < kSize; x += kDistance) {
			for (unsigned int i = 0; i < 9; i++)
				shares[i / 3][i % 3] += (frame[(y + i / 3 - 1) * kSize + x + i % 3 - 1] - 256) /
							(5000 * camera.scale() * kSize * kSize / pow(kDistance, 2));
		}
	}
	const double expected[3][3] = { { 0.01, 0.05, 0.01 }, { 0.05, 0.76, 0.05 }, { 0.01, 0.05, 0.01 } };
	for (unsigned int i = 0; i < 9; i++)
		EXPECT_NEAR(shares[i / 3][i % 3], expected[i / 3][i % 3], 0.001) << i;
}

/* A uniform colour becomes the one that the truth and calibrations count with. */
TEST(PixelArray, CrosstalkMixesColours)
{
	SensorModel model = plainModel();
	model.pixel.crosstalkEdge = 0.04;
	model.pixel.crosstalkCorner = 0.01;
	Camera camera(model);
	const Vector3 colour{ 1000, 4000, 2000 };
	const Vector3 expected = model.pixel.withCrosstalk(colour);
	std::vector<double> light;

	for (unsigned int i = 0; i < kSize * kSize; i++)
		light.push_back(colour[channelAt(model.properties.order, i % kSize, i / kSize)]);
	camera.show(light);

	const Frame frame = camera.frame(0);
	Vector3 sums{}, counts{};
	for (unsigned int i = 0; i < kSize * kSize; i++) {
		const unsigned int c = channelAt(model.properties.order, i % kSize, i / kSize);
		sums[c] += (frame[i] - 256) / camera.scale();
		counts[c]++;
	}
	for (size_t c = 0; c < 3; c++)
		EXPECT_NEAR(sums[c] / counts[c] / expected[c], 1.0, 0.001) << c;
}

/* The light over the whole array falls off as the polynomial of each colour says. */
TEST(PixelArray, LensShades)
{
	SensorModel model = loadModel("imx219");
	constexpr unsigned int kBinned = 2;
	model.shading[0] = { { 0.52, 0.49 }, { -0.5, 0.1, 0.02 } };
	model.shading[1] = { { 0.5, 0.5 }, { -0.4, 0.1, 0.0 } };
	model.shading[2] = { { 0.49, 0.5 }, { -0.3, 0.05, 0.0 } };
	Camera camera(model, kBinned);
	constexpr double kElectrons = 4000;
	camera.flat(kElectrons);

	const Frame frame = camera.frame(0);
	const Mode &mode = camera.mode();
	constexpr unsigned int kBlock = 40;
	for (unsigned int top : { 0u, 300u, 600u, mode.height - kBlock }) {
		for (unsigned int left : { 0u, 400u, 800u, mode.width - kBlock }) {
			Frame samples[3];
			for (unsigned int i = 0; i < kBlock * kBlock; i++) {
				const unsigned int x = left + i % kBlock, y = top + i / kBlock;
				samples[channelAt(model.properties.order, x, y)].push_back(frame[y * mode.width + x]);
			}
			for (size_t c = 0; c < 3; c++) {
				/* The median is free of defects. */
				std::sort(samples[c].begin(), samples[c].end());
				const size_t tenth = samples[c].size() / 10;
				const Frame inner(samples[c].begin() + tenth, samples[c].end() - tenth);
				const double measured = (meanOf(inner) - 64) / (kElectrons * camera.scale());
				const double expected = model.shading[c].at(left + kBlock / 2.0, top + kBlock / 2.0,
									    mode.width, mode.height);
				EXPECT_NEAR(measured, expected, 0.005) << left << " " << top << " " << c;
			}
		}
	}
}

/* Dark frames show the hot pixels, bright ones the dead, both the stuck: those of the list. */
TEST(PixelArray, DefectsAreWhereTheListSays)
{
	SensorModel model = plainModel();
	model.pixel.defects = { 5, 1e-3, 1e-3, 5e-4, 0.2, 1e5 };
	model.pixel.readNoise = 20.0;	/* hardly any code is the same four times */
	const ArrayWindow window(model.properties.modes[0], model.readouts[0]);
	std::set<std::pair<unsigned int, unsigned int>> hot, dead, stuck, foundHot, foundDead, foundStuck;

	Camera camera(model);
	const double visible = 150.0 / camera.scale() / camera.time();
	size_t faint = 0;
	for (const Defect &d : windowDefects(model, window)) {
		if (d.kind == Defect::Kind::Hot)
			hot.insert({ d.y, d.x });
		else
			(d.kind == Defect::Kind::Dead ? dead : stuck).insert({ d.y, d.x });
		faint += d.kind == Defect::Kind::Hot && d.value < visible;
	}
	/* The shares, and up to two neighbours of a fifth of them. */
	const double pixels = kSize * kSize;
	EXPECT_NEAR(hot.size() / pixels, 1.4e-3, 4e-4);
	EXPECT_NEAR(dead.size() / pixels, 1.4e-3, 4e-4);
	EXPECT_NEAR(stuck.size() / pixels, 7e-4, 3e-4);

	const Frame dark = camera.frame(0), darkNext = camera.frame(1);
	camera.flat(5000);
	const Frame bright = camera.frame(2), brightNext = camera.frame(3);
	camera.flat(0);
	for (unsigned int i = 0; i < dark.size(); i++) {
		const std::pair place{ i / kSize, i % kSize };
		if (dark[i] == bright[i] && darkNext[i] == brightNext[i] && dark[i] == darkNext[i])
			foundStuck.insert(place);
		else if (dark[i] > 256 + 100)
			foundHot.insert(place);
		if (bright[i] < 256 + 100 && !stuck.count(place))
			foundDead.insert(place);
	}
	EXPECT_EQ(foundStuck, stuck);
	EXPECT_EQ(foundDead, dead);
	EXPECT_TRUE(std::includes(hot.begin(), hot.end(), foundHot.begin(), foundHot.end()));
	EXPECT_LE(hot.size() - foundHot.size(), faint);
	EXPECT_GT(foundHot.size(), hot.size() * 3 / 4);

	/* In a shorter exposure a hot pixel is less hot. */
	camera.settings().exposure /= 8;
	const Frame shorter = camera.frame(0);
	for (const auto &[y, x] : foundHot) {
		const double code = dark[y * kSize + x];
		if (code < 3000 && code > 700) {
			EXPECT_NEAR((shorter[y * kSize + x] - 256) * 8, code - 256, 600);
		}
	}
}

/* With binning a defect is the share of one pixel of the average. */
TEST(PixelArray, BinningDilutesDefects)
{
	SensorModel model = loadModel("imx219");
	constexpr unsigned int kBinned = 2;
	model.pixel.defects = { 1, 0.0, 2e-4, 0.0, 0.0, 0.0 };
	model.shading = {};
	Camera camera(model, kBinned);
	camera.flat(4000);

	const Frame mean = camera.average(4);
	const ArrayWindow window(camera.mode(), model.readouts[kBinned]);
	const std::vector<Defect> defects = windowDefects(model, window);
	double sum = 0.0;
	ASSERT_GT(defects.size(), 1000u);
	for (const Defect &d : defects)
		sum += (mean[d.y * camera.mode().width + d.x] - 64) / (4000 * camera.scale());
	EXPECT_NEAR(sum / defects.size(), 0.75, 0.005);
}

/* From some gain on the charge is converted with less noise, and the well is smaller. */
TEST(PixelArray, HighConversionGainReadsWithLessNoise)
{
	SensorModel model = plainModel();
	model.pixel.converterNoise = 0.0;
	model.pixel.highConversion = { 4.0, 0.7, 1500 };
	Camera camera(model);

	for (const auto &[code, noise] : { std::pair{ 700, 2.0 }, std::pair{ 768, 0.7 } }) {
		camera.settings().analogueGain = code;
		const double variance = temporalVariance(camera.frame(0), camera.frame(1)) - kRounding;
		EXPECT_NEAR(sqrt(variance) / camera.scale(), noise, 0.02 * noise) << code;
	}

	camera.flat(10000);
	EXPECT_NEAR((meanOf(camera.frame(0)) - 256) / camera.scale(), 1500, 5);
}

/* Layers add up, each with the factors of its rows. */
TEST(PixelArray, LayersOfLightAddUp)
{
	Camera camera(plainModel());
	auto map = [&](double electrons) {
		return std::make_shared<const SignalMap>(SignalMap{ kSize, kSize, electrons / camera.time(),
								    std::vector<uint16_t>(kSize * kSize, kSignalMax) });
	};
	SignalLayer lamp{ map(2000), std::vector<double>(kSize) };
	for (unsigned int y = 0; y < kSize; y++)
		lamp.rowFactors[y] = y / double(kSize);
	camera.show(std::vector<SignalLayer>{ { map(1000), {} }, lamp });

	const Frame rows = lineMeans(camera.frame(0), true);
	for (unsigned int y = 0; y < kSize; y++)
		EXPECT_NEAR((rows[y] - 256) / camera.scale(), 1000 + 2000 * y / double(kSize), 15) << y;
}

/* Each exposure has its time, its clipping and its own noise; its rows are in turns. */
TEST(PixelArray, ExposuresAreStaggered)
{
	for (unsigned int exposures : { 2u, 3u }) {
		SensorModel model = plainModel();
		model.properties.modes[0].exposures = exposures;
		model.properties.modes[0].height = kSize * exposures;
		model.readouts[0].exposureRatio = 8;
		Camera camera(model);
		camera.flat(4000);

		for (unsigned int i = 0; i < exposures; i++) {
			const Frame a = camera.frame(0, i), b = camera.frame(1, i);
			const double electrons = 4000 / pow(8, i);
			EXPECT_NEAR((meanOf(a) - 256) / camera.scale(), electrons, 0.01 * electrons) << i;
			const double variance = (electrons + 4) * 0.25 + 0.25 + kRounding;
			EXPECT_NEAR(temporalVariance(a, b) / variance, 1.0, 0.02) << i;
		}

		/* Noise of two exposures has nothing in common. */
		const Frame a = camera.frame(0, 0), b = camera.frame(0, 1);
		double product = 0.0;
		for (size_t i = 0; i < a.size(); i++)
			product += (a[i] - 256 - 2000) * (b[i] - 256 - 250);
		EXPECT_LT(fabs(product / a.size()) / sqrt(varianceOf(a) * varianceOf(b)), 0.01);

		camera.flat(40000);
		EXPECT_NEAR(meanOf(camera.frame(0, 0)), 256 + 3500, 2) << "full well";
		EXPECT_NEAR(meanOf(camera.frame(0, 1)), 256 + 2500, 25);
	}
}

/* Two gains: the shadows are read as with a high one, lights reach beyond the converter. */
TEST(PixelArray, TwoGainsWidenTheRange)
{
	SensorModel model = plainModel();
	model.pixel.readNoise = 1.0;
	model.pixel.converterNoise = 1.2;
	model.properties.modes[0].bitDepth = 16;
	model.readouts[0].dualGain = 16;
	model.readouts[0].companding = { { 0, 0 }, { 65535, 65535 } };
	Camera camera(model);

	/* In the dark the noise of the converter hardly counts. */
	const double variance = temporalVariance(camera.frame(0), camera.frame(1));
	EXPECT_NEAR(variance, pow(8 * 1.0, 2) + 1.44 + kRounding, 0.02 * variance);

	for (double electrons : { 100.0, 400.0, 1000.0, 4000.0, 6500.0 }) {
		camera.flat(electrons);
		const Frame a = camera.frame(0), b = camera.frame(1);
		EXPECT_NEAR((meanOf(a) - 256) / 8, electrons, 0.005 * electrons + 1);

		const bool low = electrons > 500;
		const double converter = low ? pow(1.2 * 16, 2) + 256.0 / 12 : 1.44;
		const double expected = 64 * (electrons + 1) + converter;
		EXPECT_NEAR(temporalVariance(a, b) / expected, 1.0, 0.02) << electrons;
	}
}

/* What companding loses is less than the noise: expanded, mean and variance are the same. */
TEST(PixelArray, CompandedCodesKeepTheSignal)
{
	SensorModel linear = plainModel();
	linear.properties.modes[0].bitDepth = 16;
	linear.readouts[0].dualGain = 16;
	linear.readouts[0].companding = { { 0, 0 }, { 65535, 65535 } };
	SensorModel companded = linear;
	companded.properties.modes[0].bitDepth = 12;
	companded.readouts[0].companding = { { 0, 0 }, { 1024, 1024 }, { 9216, 2048 }, { 65535, 3808 } };
	const std::vector<Knee> &knees = companded.readouts[0].companding;
	Camera a(linear), b(companded);

	for (double electrons : { 10.0, 500.0, 3000.0, 6500.0 }) {
		a.flat(electrons);
		b.flat(electrons);
		const Frame codes = a.frame(0);
		Frame expanded = b.frame(0);
		for (size_t i = 0; i < codes.size(); i++)
			ASSERT_EQ(expanded[i], companded.readouts[0].compand(codes[i]));

		for (double &code : expanded) {
			size_t k = 1;
			while (k + 1 < knees.size() && code > knees[k].code)
				k++;
			const Knee &from = knees[k - 1], &to = knees[k];
			code = from.linear + (code - from.code) * (to.linear - from.linear) / (to.code - from.code);
		}
		/* Half a step of the curve at most. */
		EXPECT_NEAR(meanOf(expanded), meanOf(codes), electrons > 1000 ? 16 : 4) << electrons;
		EXPECT_NEAR(varianceOf(expanded) / varianceOf(codes), 1.0, 0.02) << electrons;
	}
}

TEST(PixelArray, FlipsTurnThePattern)
{
	SensorModel model = plainModel();
	model.pixel.responseNonUniformity = 0.1;
	model.pixel.readNoise = 0.0;
	model.pixel.converterNoise = 0.0;
	Camera camera(model);
	camera.flat(5000);
	const Frame straight = camera.frame(0);

	for (unsigned int flips = 1; flips < 4; flips++) {
		camera.settings().hflip = flips & 1;
		camera.settings().vflip = flips & 2;
		const Frame turned = camera.frame(0);
		for (unsigned int i = 0; i < straight.size(); i++) {
			const unsigned int x = flips & 1 ? kSize - 1 - i % kSize : i % kSize;
			const unsigned int y = flips & 2 ? kSize - 1 - i / kSize : i / kSize;
			ASSERT_EQ(turned[i], straight[y * kSize + x]) << flips << " " << i;
		}
	}
}
