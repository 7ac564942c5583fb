/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Messages between the pipeline handler and the IPA worker
 */

#include "messages.h"

#include <algorithm>

#include <libcamera/control_ids.h>

/**
 * \file messages.h
 * \brief Messages between the pipeline handler and the IPA worker
 *
 * They carry the calls of IPAFoveaInterface and the signals of its event
 * interface (fovea.mojom), one in a packet of a SOCK_SEQPACKET socket.
 */

namespace libcamera::ipa::fovea::ipc {

namespace {

/* "FvI3": the version is part of it. */
constexpr uint32_t kMagic = 0x33497646;

/* Longest name of a sensor. */
constexpr size_t kMaxModel = 64;

/*
 * Bounds of a saved state. They are far outside of what cameras do: their purpose
 * is that no arithmetic on a state goes astray.
 */
constexpr int32_t kMaxExposure = 1 << 24;
constexpr double kMaxGain = 1e6;
constexpr double kMaxTemperature = 1e6;
constexpr double kMaxLux = 1e9;
constexpr double kMaxFilter = 1e15;

void writeRectangle(Writer &writer, const Rectangle &rectangle)
{
	writer.put<int32_t>(rectangle.x);
	writer.put<int32_t>(rectangle.y);
	writer.put<uint32_t>(rectangle.width);
	writer.put<uint32_t>(rectangle.height);
}

Rectangle readRectangle(Reader &reader)
{
	Rectangle rectangle;
	rectangle.x = reader.take<int32_t>();
	rectangle.y = reader.take<int32_t>();
	rectangle.width = reader.take<uint32_t>();
	rectangle.height = reader.take<uint32_t>();

	return rectangle;
}

void writeSize(Writer &writer, const Size &size)
{
	writer.put<uint32_t>(size.width);
	writer.put<uint32_t>(size.height);
}

Size readSize(Reader &reader)
{
	Size size;
	size.width = reader.take<uint32_t>();
	size.height = reader.take<uint32_t>();

	return size;
}

/* A finite value of at least \a min and at most \a max. */
double readWithin(Reader &reader, double min, double max)
{
	const double value = reader.finite();
	if (value < min || value > max)
		reader.fail("has a state that is out of range");

	return std::clamp(value, min, max);
}

/* The result of a call: 0 or a negative error number. */
int32_t readResult(Reader &reader)
{
	constexpr int32_t kMaxErrno = 4095;

	const int32_t result = reader.take<int32_t>();
	if (result > 0 || result < -kMaxErrno)
		reader.fail("has a result that is neither 0 nor a negative error number");

	return result;
}

ControlsAnswer readControlsAnswer(Reader &reader)
{
	ControlsAnswer body;
	body.result = readResult(reader);
	body.controls = readControlInfo(reader, controls::controls);

	return body;
}

StartedAnswer readStarted(Reader &reader, const ControlInfoMap &sensorControls)
{
	StartedAnswer body;
	body.result = readResult(reader);
	body.sensorControls = readSensorControls(reader, sensorControls);

	return body;
}

ParamsAnswer readParams(Reader &reader)
{
	ParamsAnswer body;
	body.frame = reader.take<uint32_t>();
	body.bytesUsed = reader.take<uint32_t>();

	return body;
}

SensorControlsAnswer readSensor(Reader &reader, const ControlInfoMap &sensorControls)
{
	SensorControlsAnswer body;
	body.frame = reader.take<uint32_t>();
	body.sensorControls = readSensorControls(reader, sensorControls);

	return body;
}

MetadataAnswer readMetadata(Reader &reader)
{
	MetadataAnswer body;
	body.frame = reader.take<uint32_t>();
	body.metadata = readControls(reader, controls::controls);
	body.state = readState(reader);

	return body;
}

decltype(Answer::body) readBody(Reader &reader, Type type,
				const ControlInfoMap &sensorControls)
{
	switch (type) {
	case Type::Initialised:
	case Type::Configured:
		return readControlsAnswer(reader);
	case Type::Started:
		return readStarted(reader, sensorControls);
	case Type::ParamsComputed:
		return readParams(reader);
	case Type::SensorControls:
		return readSensor(reader, sensorControls);
	case Type::MetadataReady:
		return readMetadata(reader);
	default:
		reader.fail("is a call, which only the handler makes");
		return {};
	}
}

} /* namespace */

void writeHeader(Writer &writer, const Header &header)
{
	writer.put<uint32_t>(kMagic);
	writer.put<uint16_t>(static_cast<uint16_t>(header.type));
	writer.put<uint32_t>(header.session);
	writer.put<uint32_t>(header.sequence);
}

/** \brief The header, or nothing if there is none of this version */
std::optional<Header> readHeader(Reader &reader)
{
	if (reader.take<uint32_t>() != kMagic)
		reader.fail("is not of this version");

	const uint16_t type = reader.take<uint16_t>();
	if (type > static_cast<uint16_t>(Type::MetadataReady))
		reader.fail("has the unknown type " + std::to_string(type));

	Header header;
	header.type = static_cast<Type>(type);
	header.session = reader.take<uint32_t>();
	header.sequence = reader.take<uint32_t>();
	if (reader.failed())
		return std::nullopt;

	return header;
}

void writeConfig(Writer &writer, const IPAConfigInfo &config)
{
	const IPACameraSensorInfo &sensor = config.sensorInfo;

	writer.string(std::string_view(sensor.model).substr(0, kMaxModel));
	writer.put<uint32_t>(sensor.bitsPerPixel);
	writer.put<uint32_t>(sensor.cfaPattern);
	writeSize(writer, sensor.activeAreaSize);
	writeRectangle(writer, sensor.analogCrop);
	writeSize(writer, sensor.outputSize);
	writer.put<uint64_t>(sensor.pixelRate);
	writer.put<uint32_t>(sensor.minLineLength);
	writer.put<uint32_t>(sensor.maxLineLength);
	writer.put<uint32_t>(sensor.minFrameLength);
	writer.put<uint32_t>(sensor.maxFrameLength);

	writeControlInfo(writer, config.sensorControls);
	writer.put<uint32_t>(config.ycbcrEncoding);
	writer.put<uint32_t>(config.quantization);
	writer.put<uint8_t>(config.hflip);
	writer.put<uint8_t>(config.vflip);
	writer.put<uint32_t>(config.exposures);
	writer.put<uint8_t>(config.companded);
}

/**
 * \brief Read a configuration
 * \param[in] reader The message
 * \param[in] sensorControls Keeps what the configuration's controls refer to
 */
IPAConfigInfo readConfig(Reader &reader, SensorControlInfo &sensorControls)
{
	IPAConfigInfo config;
	IPACameraSensorInfo &sensor = config.sensorInfo;

	sensor.model = reader.string(kMaxModel);
	sensor.bitsPerPixel = reader.take<uint32_t>();
	sensor.cfaPattern = reader.take<uint32_t>();
	sensor.activeAreaSize = readSize(reader);
	sensor.analogCrop = readRectangle(reader);
	sensor.outputSize = readSize(reader);
	sensor.pixelRate = reader.take<uint64_t>();
	sensor.minLineLength = reader.take<uint32_t>();
	sensor.maxLineLength = reader.take<uint32_t>();
	sensor.minFrameLength = reader.take<uint32_t>();
	sensor.maxFrameLength = reader.take<uint32_t>();

	config.sensorControls = sensorControls.read(reader);
	config.ycbcrEncoding = reader.take<uint32_t>();
	config.quantization = reader.take<uint32_t>();
	config.hflip = reader.take<uint8_t>();
	config.vflip = reader.take<uint8_t>();
	config.exposures = reader.take<uint32_t>();
	config.companded = reader.take<uint8_t>();

	return config;
}

void writeState(Writer &writer, const IPAFoveaState &state)
{
	const size_t filters = std::min<size_t>(state.filters.size(), kMaxStateFilters);

	writer.put<uint8_t>(state.valid);
	writer.put<int32_t>(state.exposure);
	for (double value : { state.analogueGain, state.digitalGain, state.redGain,
			      state.blueGain, state.colourTemperature, state.lux })
		writer.put<double>(value);
	writer.put<uint32_t>(filters);
	for (size_t i = 0; i < filters; i++)
		writer.put<double>(state.filters[i]);
}

/** \brief Read a state, all values of which are in ranges that make sense */
IPAFoveaState readState(Reader &reader)
{
	IPAFoveaState state;

	state.valid = reader.boolean();
	state.exposure = reader.take<int32_t>();
	if (state.exposure < 0 || state.exposure > kMaxExposure)
		reader.fail("has a state that is out of range");
	state.analogueGain = readWithin(reader, 0, kMaxGain);
	state.digitalGain = readWithin(reader, 0, kMaxGain);
	state.redGain = readWithin(reader, 0, kMaxGain);
	state.blueGain = readWithin(reader, 0, kMaxGain);
	state.colourTemperature = readWithin(reader, 0, kMaxTemperature);
	state.lux = readWithin(reader, 0, kMaxLux);

	const uint32_t filters = reader.count(kMaxStateFilters);
	for (uint32_t i = 0; i < filters && !reader.failed(); i++)
		state.filters.push_back(readWithin(reader, -kMaxFilter, kMaxFilter));

	return state;
}

/**
 * \brief Read a message from the worker
 * \param[in] data The message as it came
 * \param[in] sensorControls The controls that the sensor has
 * \param[out] answer What it says, if all of it is well-formed
 * \param[out] error Why it is not, to be put behind "the message"
 *
 * Whether somebody has asked for the answer is for the caller to know.
 *
 * \return False for a message that must not be used
 */
bool readAnswer(Span<const uint8_t> data, const ControlInfoMap &sensorControls,
		Answer *answer, std::string *error)
{
	Reader reader(data);

	const std::optional<Header> header = readHeader(reader);
	if (header) {
		answer->header = *header;
		answer->body = readBody(reader, header->type, sensorControls);
	}

	if (reader.finished())
		return true;

	*error = reader.error();
	return false;
}

} /* namespace libcamera::ipa::fovea::ipc */
