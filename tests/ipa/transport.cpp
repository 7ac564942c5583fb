/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * What the handler takes from a worker, and what not
 */

#include <cmath>
#include <errno.h>
#include <fcntl.h>
#include <functional>
#include <string.h>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include <linux/fovea-isp.h>
#include <linux/v4l2-controls.h>

#include <libcamera/control_ids.h>

#include "../../src/ipa/fovea/ipc/channel.h"
#include "../../src/ipa/fovea/ipc/protocol.h"
#include "../../src/pipeline/fovea/params_check.h"
#include "../../src/pipeline/fovea/sticky_controls.h"

#include "camera_loop.h"

using namespace fovea::test;
using namespace libcamera;
using namespace libcamera::ipa::fovea;
using ipc::Type;

namespace {

/* A handler in a running session, and a worker that says what the test wants. */
class Transport : public testing::Test
{
protected:
	void SetUp() override
	{
		protocol_.configure(description_.configInfo(10));
		EXPECT_TRUE(say(Type::Configured, [](ipc::Writer &writer) {
			writer.put<int32_t>(0);
			writer.put<uint32_t>(0);
		}));
		start();
	}

	void start()
	{
		protocol_.start(ControlList(controls::controls), {});
		session_++;
		EXPECT_TRUE(say(Type::Started, [](ipc::Writer &writer) {
			writer.put<int32_t>(0);
			writer.put<uint32_t>(0);
		}));
	}

	bool say(Type type, const std::function<void(ipc::Writer &)> &body)
	{
		ipc::Writer writer;
		ipc::writeHeader(writer, { type, session_, sequence_++ });
		body(writer);
		return protocol_.receive(writer.data(), &error_);
	}

	bool sayParams(uint32_t frame, uint32_t bytesUsed = 8)
	{
		return say(Type::ParamsComputed, [=](ipc::Writer &writer) {
			writer.put<uint32_t>(frame);
			writer.put<uint32_t>(bytesUsed);
		});
	}

	bool saySensorControl(uint32_t frame, unsigned int id, int32_t value)
	{
		ControlList list;
		list.set(id, ControlValue(value));
		return say(Type::SensorControls, [&](ipc::Writer &writer) {
			writer.put<uint32_t>(frame);
			ipc::writeControls(writer, list);
		});
	}

	bool sayMetadata(uint32_t frame, const ControlList &metadata,
			 const IPAFoveaState &state = {})
	{
		return say(Type::MetadataReady, [&](ipc::Writer &writer) {
			writer.put<uint32_t>(frame);
			ipc::writeControls(writer, metadata);
			ipc::writeState(writer, state);
		});
	}

	CameraLoop description_;
	const ControlList none_{ controls::controls };
	ipc::Protocol protocol_;
	uint32_t session_ = 0;
	uint32_t sequence_ = 0;
	std::string error_;
};

TEST_F(Transport, TakesEachAnswerOnce)
{
	protocol_.computeParams(0);
	protocol_.processStats(0, false, none_);
	EXPECT_TRUE(sayParams(0));
	EXPECT_TRUE(saySensorControl(0, V4L2_CID_EXPOSURE, 100));
	EXPECT_TRUE(sayMetadata(0, none_));
	EXPECT_TRUE(protocol_.idle());

	EXPECT_FALSE(sayParams(0));
	EXPECT_FALSE(sayMetadata(0, none_));
}

TEST_F(Transport, TakesNothingThatNobodyAskedFor)
{
	protocol_.computeParams(0);
	EXPECT_FALSE(sayParams(1));
	EXPECT_FALSE(saySensorControl(0, V4L2_CID_EXPOSURE, 100));
	EXPECT_FALSE(sayMetadata(0, none_));
	EXPECT_FALSE(say(Type::Configured, [](ipc::Writer &writer) {
		writer.put<int32_t>(0);
		writer.put<uint32_t>(0);
	}));
	EXPECT_FALSE(say(Type::QueueRequest, [](ipc::Writer &) {}));
}

TEST_F(Transport, RefusesRepeatedAndFutureMessages)
{
	protocol_.computeParams(0);
	protocol_.computeParams(1);
	ASSERT_TRUE(sayParams(0));
	sequence_--;
	EXPECT_FALSE(sayParams(1));
	sequence_ += 5;
	EXPECT_FALSE(sayParams(1));
	EXPECT_NE(error_.find("sequence number"), std::string::npos) << error_;
}

TEST_F(Transport, IgnoresWhatAStoppedSessionOwes)
{
	protocol_.computeParams(0);
	protocol_.stop();
	EXPECT_TRUE(sayParams(0));
	EXPECT_FALSE(sayParams(0));
}

TEST_F(Transport, KeepsTheSensorInItsLimits)
{
	protocol_.processStats(0, false, none_);
	EXPECT_FALSE(saySensorControl(0, V4L2_CID_ANALOGUE_GAIN, 1 << 20));
	EXPECT_FALSE(saySensorControl(0, V4L2_CID_EXPOSURE, -1));
	EXPECT_FALSE(saySensorControl(0, V4L2_CID_HBLANK, 100));
	EXPECT_NE(error_.find("sets sensor control"), std::string::npos) << error_;
}

TEST_F(Transport, ChecksSizesTypesAndValues)
{
	protocol_.computeParams(0);
	EXPECT_FALSE(sayParams(0, FOVEA_ISP_PARAMS_MAX_SIZE + 1));

	protocol_.processStats(0, false, none_);
	ControlList wrongType;
	wrongType.set(controls::EXPOSURE_TIME, ControlValue(1.0f));
	EXPECT_FALSE(sayMetadata(0, wrongType));

	ControlList notFinite;
	notFinite.set(controls::ANALOGUE_GAIN, ControlValue(NAN));
	EXPECT_FALSE(sayMetadata(0, notFinite));

	ControlList unknown;
	unknown.set(0x12345678, ControlValue(1));
	EXPECT_FALSE(sayMetadata(0, unknown));

	IPAFoveaState state;
	state.analogueGain = -1.0;
	EXPECT_FALSE(sayMetadata(0, none_, state));
}

TEST_F(Transport, RefusesDamagedMessages)
{
	protocol_.processStats(0, false, none_);
	ControlList metadata(controls::controls);
	metadata.set(controls::ExposureTime, 1000);
	ipc::Writer writer;
	ipc::writeHeader(writer, { Type::MetadataReady, session_, sequence_ });
	writer.put<uint32_t>(0);
	ipc::writeControls(writer, metadata);
	ipc::writeState(writer, {});

	const Span<const uint8_t> whole = writer.data();
	for (size_t size = 0; size < whole.size(); size++)
		EXPECT_FALSE(protocol_.receive(whole.first(size), &error_)) << size;

	std::vector<uint8_t> longer(whole.begin(), whole.end());
	longer.push_back(0);
	EXPECT_FALSE(protocol_.receive(longer, &error_));

	/* The same message as it should be. */
	EXPECT_TRUE(protocol_.receive(whole, &error_)) << error_;
}

TEST(Channel, RefusesDescriptorsAndLongMessages)
{
	UniqueFD fds[2];
	ASSERT_EQ(ipc::Channel::create(&fds[0], &fds[1]), 0);
	ipc::Channel handler(16);
	ipc::Channel worker(16);
	handler.open(std::move(fds[0]));
	worker.open(std::move(fds[1]));

	const std::vector<uint8_t> data(17);
	const Span<const uint8_t> message(data);
	const UniqueFD null(open("/dev/null", O_RDONLY | O_CLOEXEC));
	const int descriptors[] = { null.get() };
	Span<const uint8_t> received;

	ASSERT_EQ(worker.send(message.first(16), descriptors), 0);
	EXPECT_EQ(handler.receive(&received, false), -EBADMSG);
	ASSERT_EQ(worker.send(message), 0);
	EXPECT_EQ(handler.receive(&received, false), -EMSGSIZE);
	ASSERT_EQ(worker.send(message.first(16)), 0);
	EXPECT_EQ(handler.receive(&received, false), 0);
	EXPECT_EQ(received.size(), 16u);
	EXPECT_EQ(handler.receive(&received, false), -EAGAIN);
	worker.close();
	EXPECT_EQ(handler.receive(&received, false), -EPIPE);
}

TEST(ParamsCheck, TakesBlocksInARow)
{
	/* The header without its flexible array, and two blocks. */
	struct {
		struct {
			uint32_t version;
			uint32_t data_size;
		} header;
		v4l2_isp_params_block_header blocks[2];
	} params = {};
	params.header.version = V4L2_ISP_PARAMS_VERSION_V1;
	params.header.data_size = sizeof(params.blocks);
	params.blocks[0] = { 1, V4L2_ISP_PARAMS_FL_BLOCK_DISABLE, sizeof(params.blocks[0]) };
	params.blocks[1] = { 2, 0, sizeof(params.blocks[1]) };

	std::string error;
	const auto check = [&error](const auto &value) {
		return libcamera::fovea::checkParams({ reinterpret_cast<const uint8_t *>(&value),
						       sizeof(value) },
						     &error);
	};
	EXPECT_TRUE(check(params)) << error;

	auto damaged = params;
	damaged.blocks[1].type = 1;
	EXPECT_FALSE(check(damaged));
	damaged = params;
	damaged.blocks[1].size = 16;
	EXPECT_FALSE(check(damaged));
	damaged = params;
	damaged.blocks[0].size = 0;
	EXPECT_FALSE(check(damaged));
	damaged = params;
	damaged.blocks[0].flags = V4L2_ISP_PARAMS_FL_BLOCK_DISABLE |
				  V4L2_ISP_PARAMS_FL_BLOCK_ENABLE;
	EXPECT_FALSE(check(damaged));
	damaged = params;
	damaged.header.data_size--;
	EXPECT_FALSE(check(damaged));
}

TEST(StickyControls, KeepsTheLatestWord)
{
	libcamera::fovea::StickyControls sticky;
	ControlList list(controls::controls);
	list.set(controls::AeEnable, false);
	list.set(controls::ExposureTime, 1000);
	list.set(controls::ColourGains, { 1.0f, 2.0f });
	sticky.reset(list);
	EXPECT_EQ(sticky.controls().get(controls::ExposureTime), 1000);

	/* Automatic exposure forgets the time, a temperature the gains. */
	ControlList newer(controls::controls);
	newer.set(controls::AeEnable, true);
	newer.set(controls::ColourTemperature, 5000);
	sticky.merge(newer);
	EXPECT_EQ(sticky.controls().get(controls::AeEnable), true);
	EXPECT_FALSE(sticky.controls().get(controls::ExposureTime));
	EXPECT_FALSE(sticky.controls().get(controls::ColourGains));
	EXPECT_EQ(sticky.controls().get(controls::ColourTemperature), 5000);
}

} /* namespace */
