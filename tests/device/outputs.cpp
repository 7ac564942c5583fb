/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * What a frame gives: two pictures, statistics, raw frames in all packings
 */

#include "device_test.h"

#include <errno.h>
#include <string.h>

#include "isp_sim/sensor/csi2_packing.h"
#include "isp_sim/sensor/packing.h"

using namespace fovea;
using namespace fovea::test;

namespace {

constexpr v4l2_buf_type kImage = V4L2_BUF_TYPE_VIDEO_CAPTURE_MPLANE;
constexpr v4l2_buf_type kStats = V4L2_BUF_TYPE_META_CAPTURE;

class Outputs : public DeviceTest
{
protected:
	void SetUp() override
	{
		create(true);
		sensor_->gradient = true;
		configure(48, 32);
	}

	void startAll(std::initializer_list<Stream *> streams)
	{
		for (Stream *s : streams) {
			for (uint32_t i = 0; i < 4; i++)
				ASSERT_EQ(s->queue(i), 0);
			ASSERT_EQ(s->on(), 0);
		}
	}

	Frame next(Stream *s)
	{
		Frame frame = {};
		EXPECT_TRUE(waitFor(s->file(), POLLIN));
		EXPECT_EQ(s->dequeue(&frame), 0);
		EXPECT_FALSE(frame.flags & V4L2_BUF_FLAG_ERROR);
		return frame;
	}
};

/* Main and viewfinder of one frame, each with its size. */
TEST_F(Outputs, TwoPicturesOfOneFrame)
{
	setPadFormat("fovea-scaler1", 1, MEDIA_BUS_FMT_YUV8_1X24, 32, 24);
	setNodeFormat("fovea-viewfinder0", kImage, V4L2_PIX_FMT_XBGR32, 32, 24);
	auto main = stream("fovea-main0", kImage);
	auto viewfinder = stream("fovea-viewfinder0", kImage);
	startAll({ main.get(), viewfinder.get() });

	for (uint32_t n = 0; n < 3; n++) {
		Frame m = next(main.get());
		Frame v = next(viewfinder.get());
		EXPECT_EQ(m.sequence, n);
		EXPECT_EQ(v.sequence, n);
		EXPECT_EQ(m.timestamp, v.timestamp);
		EXPECT_EQ(m.bytesUsed, 48u * 32 * 3 / 2);
		EXPECT_EQ(v.bytesUsed, 32u * 24 * 4);
	}
}

/* The viewfinder alone, and one that goes on when the main output stops. */
TEST_F(Outputs, OutputsStopOneByOne)
{
	auto main = stream("fovea-main0", kImage);
	auto viewfinder = stream("fovea-viewfinder0", kImage);
	setControl(V4L2_CID_EXPOSURE, 44);
	startAll({ viewfinder.get() });
	const Frame alone = next(viewfinder.get());
	ASSERT_EQ(viewfinder->off(), 0);

	startAll({ main.get(), viewfinder.get() });
	const Frame m = next(main.get());
	EXPECT_EQ(memcmp(main->memory(m.index).data(), viewfinder->memory(alone.index).data(),
			 alone.bytesUsed), 0);

	/* What is queued from here on is written by frames without a main picture. */
	ASSERT_EQ(main->off(), 0);
	const Frame first = next(viewfinder.get());
	memset(viewfinder->memory(first.index).data(), 0, first.bytesUsed);
	ASSERT_EQ(viewfinder->queue(first.index), 0);
	Frame last;
	do {
		last = next(viewfinder.get());
	} while (last.index != first.index);
	EXPECT_EQ(memcmp(main->memory(m.index).data(), viewfinder->memory(last.index).data(),
			 last.bytesUsed), 0);
}

TEST_F(Outputs, TheViewfinderCanBeLeftOut)
{
	setPadFormat("fovea-scaler1", 0, MEDIA_BUS_FMT_YUV8_1X24, 32, 24);
	EXPECT_EQ(stream("fovea-main0", kImage)->on(), -EPIPE);
	ASSERT_EQ(setLink("fovea-backend", 2, "fovea-scaler1", 0, false), 0);
	EXPECT_EQ(stream("fovea-main0", kImage)->on(), 0);

	configure(48, 32);
	EXPECT_EQ(stream("fovea-viewfinder0", kImage)->on(), -ENOLINK);
}

/* The luma of a frame is the same in every format that has luma. */
TEST_F(Outputs, EveryFormatHasItsBytes)
{
	struct {
		uint32_t format;
		unsigned int bytes;	/* for 2 pixels */
		unsigned int lumaStep;	/* from pixel to pixel, 0 for RGB */
	} const cases[] = {
		{ V4L2_PIX_FMT_NV21, 3, 1 },  { V4L2_PIX_FMT_NV16, 4, 1 },   { V4L2_PIX_FMT_YUYV, 4, 2 },
		{ V4L2_PIX_FMT_BGR24, 6, 0 }, { V4L2_PIX_FMT_XBGR32, 8, 0 }, { V4L2_PIX_FMT_GREY, 2, 1 },
	};

	for (const auto &c : cases) {
		SCOPED_TRACE(c.format);
		setNodeFormat("fovea-viewfinder0", kImage, c.format, 48, 32);
		auto main = stream("fovea-main0", kImage);
		auto viewfinder = stream("fovea-viewfinder0", kImage);
		startAll({ main.get(), viewfinder.get() });
		const Frame m = next(main.get());
		const Frame v = next(viewfinder.get());

		EXPECT_EQ(v.bytesUsed, 48u * 32 * c.bytes / 2);
		const auto luma = main->memory(m.index);
		const auto picture = viewfinder->memory(v.index);
		for (unsigned int i = 0; c.lumaStep && i < 48 * 32; i++)
			ASSERT_EQ(luma[i], picture[c.lumaStep * i]) << "at " << i;
		EXPECT_NE(picture[0], picture[v.bytesUsed - c.bytes / 2]);
		ASSERT_EQ(main->off(), 0);
		ASSERT_EQ(viewfinder->off(), 0);
	}
}

/* NV12 in two buffers has the bytes of NV12 in one. */
TEST_F(Outputs, PlanesInBuffersOfTheirOwn)
{
	setNodeFormat("fovea-viewfinder0", kImage, V4L2_PIX_FMT_NV12M, 48, 32);
	auto main = stream("fovea-main0", kImage);
	auto viewfinder = stream("fovea-viewfinder0", kImage);
	startAll({ main.get(), viewfinder.get() });

	const Frame m = next(main.get());
	const Frame v = next(viewfinder.get());
	EXPECT_EQ(v.bytesUsed, m.bytesUsed);
	const size_t luma = 48 * 32;
	EXPECT_EQ(memcmp(main->memory(m.index).data(), viewfinder->memory(v.index).data(), luma), 0);
	EXPECT_EQ(memcmp(main->memory(m.index).data() + luma,
			 viewfinder->memory(v.index, 1).data(), luma / 2), 0);
	EXPECT_NE(main->memory(m.index)[0], main->memory(m.index)[luma - 1]);
}

/* Inline, both statistics are of the same samples. */
TEST_F(Outputs, StatisticsOfTheBackEnd)
{
	auto front = stream("fovea-stats0", kStats);
	auto back = stream("fovea-backend-stats", kStats);
	startAll({ front.get(), back.get() });

	const Frame f = next(front.get());
	const Frame b = next(back.get());
	EXPECT_EQ(f.sequence, b.sequence);
	EXPECT_EQ(memcmp(front->memory(f.index).data(), back->memory(b.index).data(), f.bytesUsed), 0);
	fovea_isp_stats_buffer statistics;
	memcpy(&statistics, back->memory(b.index).data(), sizeof(statistics));
	EXPECT_GT(statistics.ae_zones[0].count, 0u);
}

/* Packed and unpacked captures of equal frames hold equal samples. */
TEST_F(Outputs, PackedRaw)
{
	auto capture = [this](uint32_t format, size_t size) {
		setNodeFormat("fovea-raw0", kImage, format);
		auto raw = stream("fovea-raw0", kImage, 1);
		EXPECT_EQ(raw->queue(0), 0);
		EXPECT_EQ(raw->on(), 0);
		EXPECT_EQ(next(raw.get()).bytesUsed, size);
		return std::vector<uint8_t>(raw->memory(0).begin(), raw->memory(0).begin() + size);
	};

	const std::vector<uint8_t> plain = capture(V4L2_PIX_FMT_SRGGB10, 64 * 48 * 2);
	const std::vector<uint8_t> packed = capture(V4L2_PIX_FMT_SRGGB10P, 64 * 48 * 5 / 4);

	std::vector<uint16_t> samples;
	std::string error;
	ASSERT_TRUE(sensor::unpack(packed, { 64, 48, 10, sensor::Packing::CSI2P, 0, 0, 0 },
				   &samples, &error)) << error;
	EXPECT_EQ(memcmp(samples.data(), plain.data(), plain.size()), 0);
	EXPECT_NE(samples.front(), samples.back());
}

/* A line and back, against the reader of recordings, of every width and depth. */
TEST(Csi2Packing, LinesSurvive)
{
	for (unsigned int depth : { 10, 12, 14 }) {
		for (unsigned int width = 2; width < 40; width += 2) {
			std::vector<uint16_t> samples(width), read;
			for (unsigned int x = 0; x < width; x++)
				samples[x] = (x * 2654435761U >> 7) & ((1U << depth) - 1);

			std::vector<uint8_t> packed(sensor::csi2LineSize(width, depth));
			sensor::packCsi2Line(reinterpret_cast<const uint8_t *>(samples.data()), width,
					     depth, packed.data());
			std::string error;
			ASSERT_TRUE(sensor::unpack(packed, { width, 1, depth, sensor::Packing::CSI2P, 0, 0, 0 },
						   &read, &error)) << error;
			EXPECT_EQ(read, samples) << depth << " bits, width " << width;

			std::vector<uint16_t> back(width);
			sensor::unpackCsi2Line(packed.data(), width, depth,
					       reinterpret_cast<uint8_t *>(back.data()));
			EXPECT_EQ(back, samples) << depth << " bits, width " << width;
		}
	}
}

/* A node that was given another format while others stream does not start. */
TEST_F(Outputs, LateNodesAreValidatedToo)
{
	auto main = stream("fovea-main0", kImage);
	startAll({ main.get() });
	setNodeFormat("fovea-raw0", kImage, V4L2_PIX_FMT_SRGGB8, 16, 16);
	EXPECT_EQ(stream("fovea-raw0", kImage)->on(), -EPIPE);
	setNodeFormat("fovea-viewfinder0", kImage, V4L2_PIX_FMT_NV12, 16, 16);
	EXPECT_EQ(stream("fovea-viewfinder0", kImage)->on(), -EPIPE);
	next(main.get());
}

} /* namespace */

/* A sensor's frame of two exposures in turns: one picture of half the height. */
TEST_F(Outputs, ExposuresInTurnsAreMerged)
{
	constexpr unsigned int kWidth = FlatSensor::kWidth;
	constexpr unsigned int kHeight = FlatSensor::kHeight / 2;
	setPadFormat("fovea-frontend0", 3, MEDIA_BUS_FMT_SRGGB10_1X10, kWidth, kHeight);
	setPadFormat("fovea-backend", 0, MEDIA_BUS_FMT_SRGGB10_1X10, kWidth, kHeight);
	for (const char *label : { "fovea-scaler0", "fovea-scaler1" }) {
		setPadFormat(label, 0, MEDIA_BUS_FMT_YUV8_1X24, kWidth, kHeight);
		setPadFormat(label, 1, MEDIA_BUS_FMT_YUV8_1X24, kWidth, kHeight);
	}
	for (const char *label : { "fovea-main0", "fovea-viewfinder0" })
		setNodeFormat(label, kImage, V4L2_PIX_FMT_NV12, kWidth, kHeight);

	auto params = stream("fovea-params", V4L2_BUF_TYPE_META_OUTPUT);
	auto raw = stream("fovea-raw0", kImage);
	auto main = stream("fovea-main0", kImage);

	/* Brighter by the exposures' ratio, so that the block shows. */
	isp::Params expectedParams;
	fovea_isp_merge merge = expectedParams.merge;
	merge.header.flags = V4L2_ISP_PARAMS_FL_BLOCK_ENABLE;
	merge.gain[1] = 4096;
	merge.saturation = 3000;
	merge.saturation_slope = 8192;
	expectedParams.merge = merge;
	const uint32_t header[2] = { V4L2_ISP_PARAMS_VERSION_V1, sizeof(merge) };
	memcpy(params->memory(0).data(), header, sizeof(header));
	memcpy(params->memory(0).data() + sizeof(header), &merge, sizeof(merge));

	ASSERT_EQ(raw->queue(0), 0);
	ASSERT_EQ(main->queue(0), 0);
	ASSERT_EQ(raw->on(), 0);
	ASSERT_EQ(main->on(), 0);
	ASSERT_EQ(params->queue(0, sizeof(header) + sizeof(merge)), 0);
	ASSERT_EQ(params->on(), 0);
	const Frame picture = next(main.get());
	const Frame frame = next(raw.get());
	EXPECT_EQ(frame.bytesUsed, kWidth * 2 * FlatSensor::kHeight);
	EXPECT_EQ(picture.bytesUsed, kWidth * kHeight * 3 / 2);

	/* The same by the ISP alone, and something else from one exposure. */
	const auto process = [&](unsigned int exposures, const isp::Params &with) {
		isp::Configuration configuration;
		configuration.input = { { kWidth, kHeight }, 10, isp::BayerOrder::RGGB, 2 * kWidth, exposures };
		configuration.outputs = { { { kWidth, kHeight }, isp::PixelFormat::NV12, kWidth, { 0, 0, kWidth, kHeight } } };
		configuration.threads = 1;
		isp::Isp isp;
		EXPECT_EQ(isp.configure(configuration, nullptr), 0);
		std::vector<uint8_t> out(kWidth * kHeight * 3 / 2);
		const std::span<uint8_t> outputs[] = { out };
		EXPECT_EQ(isp.process(raw->memory(frame.index), with, outputs, nullptr), 0);
		return out;
	};
	const std::span<uint8_t> memory = main->memory(picture.index);
	const std::vector<uint8_t> seen(memory.begin(), memory.begin() + picture.bytesUsed);
	EXPECT_EQ(seen, process(2, expectedParams));
	EXPECT_NE(seen, process(1, expectedParams));
	EXPECT_NE(seen, process(2, isp::Params()));
}
