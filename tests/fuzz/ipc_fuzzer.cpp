/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * A hostile IPA worker: arbitrary packets to the handler's side of the transport
 */

#include <fcntl.h>
#include <memory>
#include <stdint.h>
#include <stdlib.h>
#include <string>
#include <unistd.h>
#include <vector>

#include <linux/fovea-isp.h>
#include <linux/v4l2-controls.h>

#include <libcamera/base/unique_fd.h>

#include <libcamera/control_ids.h>

#include "../../src/ipa/fovea/ipc/channel.h"
#include "../../src/ipa/fovea/ipc/protocol.h"
#include "../../src/pipeline/fovea/params_check.h"

#include "fuzz_input.h"

using namespace libcamera;
using namespace libcamera::ipa::fovea;
using ::fovea::fuzz::FuzzInput;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

namespace {

constexpr unsigned int kMaxSteps = 64;

void require(bool condition)
{
	if (!condition)
		abort();
}

/* A sensor with three controls that a module sets, and one that it must not. */
class Sensor
{
public:
	Sensor()
	{
		ControlInfoMap::Map map;
		for (unsigned int id : { V4L2_CID_EXPOSURE, V4L2_CID_ANALOGUE_GAIN,
					 V4L2_CID_VBLANK, V4L2_CID_HBLANK }) {
			owned_.push_back(std::make_unique<ControlId>(
				id, "control", "v4l2", ControlTypeInteger32,
				ControlId::Direction::In));
			ids_.emplace(id, owned_.back().get());
			map.emplace(owned_.back().get(), ControlInfo(4, 1000, 100));
		}
		config_.sensorInfo.model = "sensor";
		config_.sensorInfo.bitsPerPixel = 10;
		config_.sensorInfo.outputSize = { 640, 480 };
		config_.sensorControls = ControlInfoMap(std::move(map), ids_);
	}

	const IPAConfigInfo &config() const { return config_; }

private:
	std::vector<std::unique_ptr<ControlId>> owned_;
	ControlIdMap ids_;
	IPAConfigInfo config_;
};

/* Looks at all that was accepted, in the ways of the handler and applications. */
class Handler
{
public:
	Handler()
	{
		auto controls = [this](int32_t result, const ControlInfoMap &map) {
			require(result <= 0);
			use(map);
		};
		protocol_.initialised.connect(this, controls);
		protocol_.configured.connect(this, controls);
		protocol_.started.connect(this, [this](int32_t, const ControlList &list) {
			use(list);
		});
		protocol_.sensorControlsSet.connect(this, [this](const ControlList &list) {
			use(list);
			for (const auto &[id, value] : list)
				require(value.get<int32_t>() >= 4 && value.get<int32_t>() <= 1480);
		});
		protocol_.paramsComputed.connect(this, [](uint32_t, uint32_t bytesUsed) {
			require(bytesUsed <= FOVEA_ISP_PARAMS_MAX_SIZE);
		});
		protocol_.metadataReady.connect(this, [this](uint32_t, const ControlList &list,
							     const IPAFoveaState &state) {
			use(list);
			require(state.filters.size() <= kMaxStateFilters);
			require(state.exposure >= 0 && state.analogueGain >= 0);
		});
	}

	ipc::Protocol &protocol() { return protocol_; }

private:
	void use(const ControlList &list)
	{
		for (const auto &[id, value] : list)
			text_ = value.toString();

		ControlList merged(controls::controls);
		merged.merge(list);
		merged.get(controls::ExposureTime);
		merged.get(controls::ColourGains);
		merged.get(controls::FrameDurationLimits);
		merged.get(controls::AfWindows);
		merged.get(controls::AeState);
	}

	void use(const ControlInfoMap &map)
	{
		for (const auto &[id, info] : map) {
			text_ = info.toString();
			if (id->type() == ControlTypeFloat && !info.max().isNone())
				require(info.min().get<float>() <= info.max().get<float>());
		}
	}

	ipc::Protocol protocol_;
	std::string text_;
};

/* An answer that a well-behaved worker could give, its session and number too. */
class Answers
{
public:
	Span<const uint8_t> make(FuzzInput &input, uint32_t session)
	{
		using ipc::Type;
		const auto type = static_cast<Type>(static_cast<unsigned int>(Type::Initialised) +
						    input.below(6));

		writer_.clear();
		ipc::writeHeader(writer_, { type, session, sequence_++ });
		if (type == Type::Initialised || type == Type::Configured) {
			writer_.put<int32_t>(0);
			ipc::writeControlInfo(writer_, controlInfo());
		} else if (type == Type::Started) {
			writer_.put<int32_t>(0);
			ipc::writeControls(writer_, sensorControls(input));
		} else {
			writer_.put<uint32_t>(input.below(8));
			answerFrame(type, input);
		}

		return writer_.data();
	}

private:
	void answerFrame(ipc::Type type, FuzzInput &input)
	{
		if (type == ipc::Type::ParamsComputed) {
			writer_.put<uint32_t>(input.take<uint16_t>());
		} else if (type == ipc::Type::SensorControls) {
			ipc::writeControls(writer_, sensorControls(input));
		} else {
			ControlList metadata(controls::controls);
			metadata.set(controls::ExposureTime, 1000);
			metadata.set(controls::ColourGains, { 1.0f, 2.0f });
			metadata.set(controls::AfWindows, { Rectangle(1, 2, 3, 4) });
			ipc::writeControls(writer_, metadata);
			IPAFoveaState state;
			state.valid = true;
			state.filters = { 1.0, 2.0 };
			ipc::writeState(writer_, state);
		}
	}

	static ControlInfoMap controlInfo()
	{
		return ControlInfoMap({ { &controls::ExposureTime, ControlInfo(1, 1000, 10) },
					{ &controls::AnalogueGain, ControlInfo(1.0f, 8.0f, 1.0f) },
					{ &controls::AeExposureMode,
					  ControlInfo(controls::AeExposureModeValues) } },
				      controls::controls);
	}

	static ControlList sensorControls(FuzzInput &input)
	{
		ControlList list;
		list.set(V4L2_CID_EXPOSURE, ControlValue(int32_t{ input.take<uint16_t>() }));
		list.set(V4L2_CID_VBLANK, ControlValue(int32_t{ input.take<uint8_t>() }));
		return list;
	}

	ipc::Writer writer_;
	uint32_t sequence_ = 0;
};

/* The handler does something; afterwards the worker owes an answer to it. */
void act(ipc::Protocol &protocol, unsigned int action, uint32_t frame, uint32_t *session)
{
	static const Sensor sensor;
	const ControlList none;

	switch (action) {
	case 0:
		protocol.init(IPASettings{ "file", "sensor" }, sensor.config());
		break;
	case 1:
		protocol.configure(sensor.config());
		break;
	case 2:
		protocol.start(none, {});
		++*session;
		break;
	case 3:
		protocol.stop();
		break;
	case 4:
		protocol.computeParams(frame);
		break;
	default:
		protocol.processStats(frame, false, none);
		break;
	}
}

/* One packet through a real socket, with descriptors now and then. */
bool transfer(ipc::Channel &from, ipc::Channel &to, Span<const uint8_t> packet,
	      unsigned int descriptors, Span<const uint8_t> *received)
{
	static const UniqueFD null(open("/dev/null", O_RDONLY | O_CLOEXEC));
	const int fds[] = { null.get(), null.get() };

	if (from.send(packet, Span<const int>(fds, descriptors)))
		return false;

	const int ret = to.receive(received, false);
	require(!ret == (!descriptors && !packet.empty() && packet.size() <= ipc::kMaxAnswerSize));

	return !ret;
}

void converse(FuzzInput &input)
{
	static ipc::Channel worker(0), handlerEnd(ipc::kMaxAnswerSize);
	UniqueFD fds[2];
	require(!ipc::Channel::create(&fds[0], &fds[1]));
	handlerEnd.open(std::move(fds[0]));
	worker.open(std::move(fds[1]));

	Handler handler;
	Answers answers;
	uint32_t session = 0;
	std::vector<uint8_t> packet;

	for (unsigned int step = 0; step < kMaxSteps && !input.empty(); step++) {
		const unsigned int choice = input.below(16);
		if (choice < 6) {
			act(handler.protocol(), choice, input.below(8), &session);
			continue;
		}

		if (choice == 15) {
			packet.resize(input.take<uint16_t>());
			input.read(packet.data(), packet.size());
		} else {
			const Span<const uint8_t> answer = answers.make(input, session);
			packet.assign(answer.begin(), answer.end());
			if (choice == 14)
				input.change(packet.data(), packet.size());
		}

		Span<const uint8_t> received;
		const unsigned int descriptors = choice == 13 ? input.below(3) : 0;
		if (!transfer(worker, handlerEnd, packet, descriptors, &received))
			return;

		std::string error;
		if (!handler.protocol().receive(received, &error)) {
			require(!error.empty());
			return;
		}
	}
}

} /* namespace */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	FuzzInput input(data, size);

	if (input.below(4)) {
		converse(input);
		return 0;
	}

	std::string error;
	require(libcamera::fovea::checkParams({ data, size }, &error) == error.empty());

	return 0;
}
