/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Stream configurations: what is offered, what is adjusted, what is refused
 */

#include "capture.h"

using namespace libcamera;

namespace {

constexpr Size kMinSize{ 32, 32 };

class ConfigurationTest : public CameraTest
{
protected:
	std::unique_ptr<CameraConfiguration> generate(std::initializer_list<StreamRole> roles)
	{
		return camera_->generateConfiguration(roles);
	}

	/* The sensor's modes, as the raw stream offers them. */
	std::vector<Size> modes()
	{
		std::unique_ptr<CameraConfiguration> config = generate({ StreamRole::Raw });
		return config->at(0).formats().sizes(config->at(0).pixelFormat);
	}

	Size largest()
	{
		Size size;
		for (const Size &mode : modes())
			size.expandTo(mode);
		return size;
	}
};

TEST_F(ConfigurationTest, RolesHaveTheirFormats)
{
	const struct {
		StreamRole role;
		PixelFormat format;
		ColorSpace space;
	} cases[] = {
		{ StreamRole::Viewfinder, formats::XRGB8888, ColorSpace::Srgb },
		{ StreamRole::VideoRecording, formats::NV12, ColorSpace::Rec709 },
		{ StreamRole::StillCapture, formats::NV12, ColorSpace::Sycc },
	};

	for (const auto &c : cases) {
		SCOPED_TRACE(static_cast<int>(c.role));
		std::unique_ptr<CameraConfiguration> config = generate({ c.role });
		ASSERT_TRUE(config);
		ASSERT_EQ(config->size(), 1u);

		const StreamConfiguration &stream = config->at(0);
		EXPECT_EQ(stream.pixelFormat, c.format);
		EXPECT_EQ(stream.colorSpace, c.space);
		EXPECT_EQ(config->validate(), CameraConfiguration::Valid);
		EXPECT_GT(stream.bufferCount, 0u);
	}
}

TEST_F(ConfigurationTest, DefaultSizes)
{
	const Size video = Size(1920, 1080).boundedTo(largest());

	EXPECT_EQ(generate({ StreamRole::VideoRecording })->at(0).size, video);
	EXPECT_EQ(generate({ StreamRole::Viewfinder })->at(0).size, video);
	EXPECT_EQ(generate({ StreamRole::StillCapture })->at(0).size,
		  largest().alignedDownTo(2, 2));
}

TEST_F(ConfigurationTest, RawIsTheSensorsFrame)
{
	std::unique_ptr<CameraConfiguration> config = generate({ StreamRole::Raw });
	ASSERT_TRUE(config);

	StreamConfiguration &raw = config->at(0);
	EXPECT_EQ(raw.colorSpace, ColorSpace::Raw);
	EXPECT_GE(raw.stride, raw.size.width * 2);
	EXPECT_EQ(raw.frameSize, raw.stride * raw.size.height);

	for (const Size &mode : modes()) {
		raw.size = mode;
		EXPECT_EQ(config->validate(), CameraConfiguration::Valid) << mode;
		EXPECT_EQ(raw.size, mode);
	}
}

TEST_F(ConfigurationTest, RawIsAdjustedToAMode)
{
	std::unique_ptr<CameraConfiguration> config = generate({ StreamRole::Raw });
	StreamConfiguration &raw = config->at(0);
	const std::vector<Size> all = modes();

	for (const Size &size : { Size(2, 2), largest().shrunkBy({ 2, 2 }), Size(20000, 20000) }) {
		raw.size = size;
		EXPECT_EQ(config->validate(), CameraConfiguration::Adjusted) << size;
		EXPECT_NE(std::find(all.begin(), all.end(), raw.size), all.end()) << raw.size;
		EXPECT_EQ(config->validate(), CameraConfiguration::Valid);
	}
}

TEST_F(ConfigurationTest, MainIsAdjusted)
{
	std::unique_ptr<CameraConfiguration> config = generate({ StreamRole::VideoRecording });
	StreamConfiguration &main = config->at(0);
	const Size max = largest().alignedDownTo(2, 2);

	const struct {
		Size asked;
		Size given;
	} cases[] = {
		{ { 1, 1 }, kMinSize },
		{ { 33, 47 }, { 32, 46 } },
		{ { 641, 481 }, { 640, 480 } },
		{ { 20000, 20000 }, max },
		{ { 20000, 64 }, { max.width, 64 } },
	};

	for (const auto &c : cases) {
		main.size = c.asked;
		EXPECT_EQ(config->validate(), CameraConfiguration::Adjusted) << c.asked;
		EXPECT_EQ(main.size, c.given);
		EXPECT_EQ(config->validate(), CameraConfiguration::Valid) << c.asked;
	}

	main.pixelFormat = formats::MJPEG;
	EXPECT_EQ(config->validate(), CameraConfiguration::Adjusted);
	EXPECT_EQ(main.pixelFormat, formats::NV12);
}

TEST_F(ConfigurationTest, LayoutFollowsTheFormat)
{
	std::unique_ptr<CameraConfiguration> config = generate({ StreamRole::VideoRecording });
	StreamConfiguration &main = config->at(0);
	main.size = { 640, 480 };

	struct {
		PixelFormat format;
		unsigned int pixelBytes;
		double planes;
	} const cases[] = {
		{ formats::NV12, 1, 1.5 },     { formats::NV21, 1, 1.5 },
		{ formats::NV16, 1, 2 },       { formats::YUYV, 2, 1 },
		{ formats::RGB888, 3, 1 },     { formats::XRGB8888, 4, 1 },
		{ formats::R8, 1, 1 },
	};
	EXPECT_EQ(main.formats().pixelformats().size(), std::size(cases));

	for (const auto &c : cases) {
		SCOPED_TRACE(c.format.toString());
		main.pixelFormat = c.format;
		EXPECT_NE(config->validate(), CameraConfiguration::Invalid);
		EXPECT_EQ(main.pixelFormat, c.format);
		EXPECT_GE(main.stride, 640 * c.pixelBytes);
		EXPECT_EQ(main.frameSize, main.stride * 480 * c.planes);
	}
}

/* A raw frame can be had packed where its depth has a packing. */
TEST_F(ConfigurationTest, RawFramesCanBePacked)
{
	std::unique_ptr<CameraConfiguration> config = generate({ StreamRole::Raw });
	StreamConfiguration &raw = config->at(0);
	unsigned int packed = 0;

	for (const PixelFormat &format : raw.formats().pixelformats()) {
		SCOPED_TRACE(format.toString());
		raw.pixelFormat = format;
		EXPECT_EQ(config->validate(), CameraConfiguration::Valid);
		EXPECT_EQ(raw.pixelFormat, format);

		/* The only modifier of raw formats is that of the packing. */
		if (format.modifier()) {
			packed++;
			EXPECT_LT(raw.stride, 2 * raw.size.width);
			EXPECT_GT(raw.stride, raw.size.width);
		}
	}
	EXPECT_GT(packed, 0u);
}

TEST_F(ConfigurationTest, ColourSpacesFitTheFormat)
{
	std::unique_ptr<CameraConfiguration> config = generate({ StreamRole::VideoRecording });
	StreamConfiguration &main = config->at(0);

	for (const ColorSpace &space : { ColorSpace::Sycc, ColorSpace::Rec709 }) {
		main.colorSpace = space;
		EXPECT_EQ(config->validate(), CameraConfiguration::Valid);
		EXPECT_EQ(main.colorSpace, space);
	}

	/* The primaries are those that the colour matrix aims at. */
	main.colorSpace = ColorSpace::Rec2020;
	EXPECT_EQ(config->validate(), CameraConfiguration::Adjusted);
	EXPECT_EQ(main.colorSpace->primaries, ColorSpace::Primaries::Rec709);
	EXPECT_EQ(main.colorSpace->ycbcrEncoding, ColorSpace::YcbcrEncoding::Rec2020);

	main.colorSpace = ColorSpace::Raw;
	EXPECT_EQ(config->validate(), CameraConfiguration::Adjusted);
	EXPECT_EQ(main.colorSpace, ColorSpace::Sycc);

	main.pixelFormat = formats::XRGB8888;
	EXPECT_EQ(config->validate(), CameraConfiguration::Adjusted);
	EXPECT_EQ(main.colorSpace, ColorSpace::Srgb);

	main.colorSpace.reset();
	EXPECT_EQ(config->validate(), CameraConfiguration::Valid);
	EXPECT_EQ(main.colorSpace, ColorSpace::Srgb);
}

TEST_F(ConfigurationTest, RawAndMainTogether)
{
	std::unique_ptr<CameraConfiguration> config =
		generate({ StreamRole::Raw, StreamRole::VideoRecording });
	ASSERT_TRUE(config);
	ASSERT_EQ(config->size(), 2u);
	EXPECT_EQ(config->validate(), CameraConfiguration::Valid);
	EXPECT_NE(config->at(0).stream(), config->at(1).stream());

	/* The raw stream selects the mode; the scaler can't enlarge it. */
	const std::vector<Size> all = modes();
	const Size smallest = *std::min_element(all.begin(), all.end());
	config->at(0).size = smallest;
	config->at(1).size = largest();
	EXPECT_EQ(config->validate(), smallest == largest()
					      ? CameraConfiguration::Valid
					      : CameraConfiguration::Adjusted);
	EXPECT_EQ(config->at(0).size, smallest);
	EXPECT_EQ(config->at(1).size, smallest.alignedDownTo(2, 2));
}

TEST_F(ConfigurationTest, TheScalerDividesBy32)
{
	std::unique_ptr<CameraConfiguration> config =
		generate({ StreamRole::Raw, StreamRole::VideoRecording });
	config->at(0).size = largest();
	config->at(1).size = kMinSize;
	ASSERT_NE(config->validate(), CameraConfiguration::Invalid);

	/* A square has the height of the frame, here more than 32 times 32. */
	const Size raw = config->at(0).size;
	const unsigned int side = std::max((raw.height + 31) / 32, kMinSize.height);
	EXPECT_EQ(config->at(1).size, Size(side, side).alignedUpTo(2, 2));
	EXPECT_EQ(camera_->configure(config.get()), 0);
}

TEST_F(ConfigurationTest, MoreStreamsThanNodes)
{
	EXPECT_FALSE(generate({ StreamRole::VideoRecording, StreamRole::StillCapture,
				StreamRole::Viewfinder }));
	EXPECT_FALSE(generate({ StreamRole::Raw, StreamRole::Raw }));

	std::unique_ptr<CameraConfiguration> config =
		generate({ StreamRole::Raw, StreamRole::VideoRecording, StreamRole::Viewfinder });
	const StreamConfiguration extra = config->at(1);
	config->addConfiguration(extra);
	EXPECT_EQ(config->validate(), CameraConfiguration::Adjusted);
	EXPECT_EQ(config->size(), 3u);

	EXPECT_EQ(generate({})->validate(), CameraConfiguration::Invalid);
}

TEST_F(ConfigurationTest, TwoProcessedStreams)
{
	std::unique_ptr<CameraConfiguration> config =
		generate({ StreamRole::StillCapture, StreamRole::Viewfinder });
	ASSERT_TRUE(config);
	ASSERT_EQ(config->size(), 2u);
	EXPECT_EQ(config->validate(), CameraConfiguration::Valid);
	EXPECT_NE(config->at(0).stream(), config->at(1).stream());

	/* The mode covers the larger one, and both keep their sizes. */
	config->at(0).size = { 320, 240 };
	config->at(1).size = largest();
	EXPECT_EQ(config->validate(), CameraConfiguration::Valid);
	EXPECT_EQ(config->at(0).size, Size(320, 240));
	EXPECT_EQ(config->at(1).size, largest());
	EXPECT_EQ(camera_->configure(config.get()), 0);
}

/* The ISP converts once: two YUV streams have one encoding and range. */
TEST_F(ConfigurationTest, YuvStreamsShareTheirColourSpace)
{
	std::unique_ptr<CameraConfiguration> config =
		generate({ StreamRole::VideoRecording, StreamRole::StillCapture });
	ASSERT_TRUE(config);
	EXPECT_EQ(config->at(0).colorSpace, ColorSpace::Rec709);
	EXPECT_EQ(config->at(1).colorSpace, ColorSpace::Rec709);

	config->at(1).colorSpace = ColorSpace::Sycc;
	EXPECT_EQ(config->validate(), CameraConfiguration::Adjusted);
	EXPECT_EQ(config->at(1).colorSpace, ColorSpace::Rec709);

	/* RGB is taken before the conversion. */
	config->at(1).pixelFormat = formats::XRGB8888;
	config->at(1).colorSpace = ColorSpace::Srgb;
	EXPECT_EQ(config->validate(), CameraConfiguration::Valid);
}

TEST_F(ConfigurationTest, SensorConfigurationSelectsTheMode)
{
	std::unique_ptr<CameraConfiguration> config =
		generate({ StreamRole::Raw, StreamRole::VideoRecording });
	const std::vector<Size> all = modes();
	const Size mode = *std::min_element(all.begin(), all.end());

	SensorConfiguration sensor;
	sensor.bitDepth = 10;
	sensor.outputSize = mode;
	sensor.analogCrop = Rectangle(mode);
	config->sensorConfig = sensor;
	EXPECT_NE(config->validate(), CameraConfiguration::Invalid);
	EXPECT_EQ(config->at(0).size, mode);

	config->sensorConfig->outputSize = { 17, 17 };
	EXPECT_EQ(config->validate(), CameraConfiguration::Invalid);

	config->sensorConfig->outputSize = mode;
	config->sensorConfig->bitDepth = 11;
	EXPECT_EQ(config->validate(), CameraConfiguration::Invalid);
}

TEST_F(ConfigurationTest, FlipsAreDoneTransposesAreNot)
{
	std::unique_ptr<CameraConfiguration> config = generate({ StreamRole::VideoRecording });

	config->orientation = Orientation::Rotate180;
	EXPECT_EQ(config->validate(), CameraConfiguration::Valid);
	EXPECT_EQ(config->orientation, Orientation::Rotate180);

	config->orientation = Orientation::Rotate90;
	EXPECT_EQ(config->validate(), CameraConfiguration::Adjusted);
	EXPECT_NE(config->orientation, Orientation::Rotate90);
}

TEST_F(ConfigurationTest, EveryFormatCanBeConfigured)
{
	for (StreamRole role : { StreamRole::Raw, StreamRole::VideoRecording }) {
		std::unique_ptr<CameraConfiguration> config = generate({ role });
		StreamConfiguration &stream = config->at(0);
		const StreamFormats offered = stream.formats();
		ASSERT_FALSE(offered.pixelformats().empty());

		for (const PixelFormat &format : offered.pixelformats()) {
			for (const Size &size : { offered.range(format).min,
						  offered.range(format).max }) {
				stream.pixelFormat = format;
				stream.size = size;
				stream.colorSpace.reset();
				EXPECT_EQ(config->validate(), CameraConfiguration::Valid)
					<< stream.toString();
				EXPECT_EQ(camera_->configure(config.get()), 0)
					<< stream.toString();
			}
		}
	}
}

} /* namespace */
