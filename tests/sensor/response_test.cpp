/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Photon transfer of rescaled frames: their noise is that of the exposure shown
 */

#include <math.h>

#include <gtest/gtest.h>
#include <hwy/highway.h>

#include "isp_sim/sensor/noise.h"
#include "isp_sim/sensor/recording_file.h"
#include "isp_sim/sensor/response.h"

using namespace fovea::sensor;

namespace {

/* A flat field of one level; windows of noise alone. */
constexpr unsigned int kWidth = 512;
constexpr unsigned int kHeight = 256;
constexpr double kBlack = 256.0;
constexpr unsigned int kWhite = 4095;

constexpr NoiseModel kNoise{ 0.4, 3.0, 1.2 };

struct Moments {
	double mean;
	double variance;
};

double modelVariance(double signal, double gain)
{
	const double scale = kNoise.conversionGain * gain;

	return scale * signal + pow(scale * kNoise.readNoise, 2) + pow(kNoise.converterNoise, 2) + 1.0 / 12.0;
}

/* A frame as a sensor of the model takes it, of a source of randomness of its own. */
std::vector<uint16_t> expose(double signal, double gain, uint64_t seed)
{
	std::vector<uint16_t> frame(kWidth * kHeight);
	const double deviation = sqrt(modelVariance(signal, gain) - 1.0 / 12.0);

	for (size_t i = 0; i < frame.size(); i++) {
		const uint64_t random = mix64(mix64(seed) + i * 0x2545f4914f6cdd1dull);
		const double noise = gaussianTable()[random >> (64 - kGaussianBits)] /
				     static_cast<double>(1 << kGaussianFraction);
		frame[i] = std::clamp(floor(kBlack + signal + deviation * noise + 0.5), 0.0, 1.0 * kWhite);
	}

	return frame;
}

Moments measure(const std::vector<uint16_t> &frame)
{
	double sum = 0.0, squares = 0.0;

	for (uint16_t sample : frame)
		sum += sample;
	const double mean = sum / frame.size();
	for (uint16_t sample : frame)
		squares += (sample - mean) * (sample - mean);

	return { mean - kBlack, squares / (frame.size() - 1) };
}

std::vector<uint16_t> render(Response *response, const std::vector<uint16_t> &frame, uint64_t seed)
{
	std::vector<uint16_t> out(frame.size());

	for (unsigned int y = 0; y < kHeight; y += 2)
		response->render(frame, y, seed, std::span(out).subspan(size_t{ y } * kWidth, 2 * kWidth));

	return out;
}

Response makeResponse(std::optional<NoiseModel> noise = kNoise)
{
	return Response({ kWidth, kHeight, 12, kBlack, kWhite, noise });
}

/* Noise and structure at widths around those of vectors, darker and brighter; a checksum of all. */
uint64_t renderMany()
{
	std::vector<uint16_t> all;

	for (unsigned int width : { 16u, 34u, 62u, 130u }) {
		constexpr unsigned int kLines = 22;
		std::vector<uint16_t> frame(width * kLines), out(frame.size());
		for (size_t i = 0; i < frame.size(); i++)
			frame[i] = kBlack + i % width * 8 + (mix64(i) & 63);

		Response response({ width, kLines, 12, kBlack + 0.25, kWhite, kNoise });
		for (double factor : { 0.4, 1.7, 8.0 }) {
			for (double gain : { 1.0, 4.0 }) {
				response.set({ 100, 1 }, { 100 * factor, gain });
				for (unsigned int y = 0; y < kLines; y += 2)
					response.render(frame, y, 7, std::span(out).subspan(y * width, 2 * width));
				all.insert(all.end(), out.begin(), out.end());
			}
		}
	}

	return checksum({ reinterpret_cast<const uint8_t *>(all.data()), all.size() * sizeof(uint16_t) });
}

} /* namespace */

/* Mean and variance are those of the model at the exposure and gain that are shown. */
TEST(Response, PhotonTransferIsThatOfTheModel)
{
	struct {
		Shot recorded, wanted;
	} const cases[] = {
		{ { 100, 1 }, { 50, 1 } },	/* darker */
		{ { 100, 1 }, { 5, 1 } },
		{ { 100, 1 }, { 25, 4 } },	/* as bright, by gain */
		{ { 100, 1 }, { 100, 4 } },	/* brighter, by gain */
		{ { 100, 1 }, { 200, 1 } },	/* brighter, by time */
		{ { 100, 1 }, { 800, 1 } },
		{ { 100, 8 }, { 800, 1 } },	/* as bright, with less noise */
		{ { 100, 2 }, { 150, 4 } },
	};

	for (const auto &c : cases) {
		for (double signal : { 20.0, 100.0, 400.0, 1500.0 }) {
			const double ratio = c.wanted.time * c.wanted.gain / (c.recorded.time * c.recorded.gain);
			if (signal * ratio > 3000.0)
				continue;
			SCOPED_TRACE(testing::Message() << "signal " << signal << ", from " << c.recorded.time
							<< " x " << c.recorded.gain << " to " << c.wanted.time
							<< " x " << c.wanted.gain);

			Response response = makeResponse();
			response.set(c.recorded, c.wanted);
			const Moments m = measure(render(&response, expose(signal, c.recorded.gain, 7), 3));
			const double expected = modelVariance(signal * ratio, c.wanted.gain);

			EXPECT_NEAR(m.mean, signal * ratio, 0.15 * sqrt(expected) + 0.01 * signal * ratio);
			EXPECT_NEAR(m.variance / expected, 1.0, 0.05);
		}
	}
}

/* Scaling alone would not do: it misses the variance by far. */
TEST(Response, WithoutAModelNoiseIsScaledOnly)
{
	Response response = makeResponse(std::nullopt);
	response.set({ 100, 1 }, { 25, 1 });
	const Moments m = measure(render(&response, expose(1500, 1, 7), 3));

	EXPECT_NEAR(m.variance / (modelVariance(1500, 1) / 16 + 1.0 / 12.0), 1.0, 0.05);
	EXPECT_LT(m.variance, 0.5 * modelVariance(375, 1));
}

TEST(Response, TheRecordedExposureGivesTheRecordedFrame)
{
	const std::vector<uint16_t> frame = expose(500, 2, 1);
	Response response = makeResponse();

	response.set({ 100, 2 }, { 200, 2 });
	EXPECT_NE(render(&response, frame, 1), frame);
	response.set({ 100, 2 }, { 100, 2 });
	EXPECT_EQ(render(&response, frame, 1), frame);
}

TEST(Response, NoiseFollowsTheSeed)
{
	const std::vector<uint16_t> frame = expose(500, 1, 1);
	Response response = makeResponse();
	response.set({ 100, 1 }, { 50, 1 });

	const std::vector<uint16_t> first = render(&response, frame, 1);
	EXPECT_EQ(render(&response, frame, 1), first);
	EXPECT_NE(render(&response, frame, 2), first);
}

/* The value is that of the scalar code that the vector code took the place of. */
TEST(Response, IsTheSameForEveryInstructionSet)
{
	for (const int64_t target : hwy::SupportedAndGeneratedTargets()) {
		SCOPED_TRACE(hwy::TargetName(target));
		hwy::SetSupportedTargetsForTest(target);
		hwy::GetChosenTarget().Update(hwy::SupportedTargets());
		EXPECT_EQ(renderMany(), 0xa2023a456bd6a59fu);
	}

	hwy::SetSupportedTargetsForTest(0);
	hwy::GetChosenTarget().Update(hwy::SupportedTargets());
}

/* An edge is structure: brightened, it keeps its height, and stays where it is. */
TEST(Response, EdgesStay)
{
	std::vector<uint16_t> frame = expose(100, 1, 1);
	const std::vector<uint16_t> bright = expose(600, 1, 2);
	for (size_t i = 0; i < frame.size(); i++) {
		if (i % kWidth >= kWidth / 2)
			frame[i] = bright[i];
	}

	Response response = makeResponse();
	response.set({ 100, 1 }, { 400, 1 });
	const std::vector<uint16_t> out = render(&response, frame, 1);

	for (unsigned int distance : { 1u, 2u, 3u, 4u }) {
		double left = 0.0, right = 0.0;
		for (unsigned int y = 0; y < kHeight; y++) {
			left += out[y * kWidth + kWidth / 2 - distance] - kBlack;
			right += out[y * kWidth + kWidth / 2 + distance - 1] - kBlack;
		}
		EXPECT_NEAR(left / kHeight, 400.0, 25.0) << distance;
		EXPECT_NEAR(right / kHeight, 2400.0, 40.0) << distance;
	}
}

TEST(Response, ClippedQuadsStayClipped)
{
	std::vector<uint16_t> frame(kWidth * kHeight, kWhite);
	frame[1] = 3000;
	Response response = makeResponse();
	response.set({ 100, 1 }, { 10, 1 });
	const std::vector<uint16_t> out = render(&response, frame, 1);

	EXPECT_LT(out[0], 1000);
	EXPECT_EQ(out[2], kWhite);
	EXPECT_EQ(out[kWidth + 3], kWhite);
}
