/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Controls in messages
 */

#include "control_wire.h"

#include <cmath>
#include <string.h>

/**
 * \file control_wire.h
 * \brief Controls in messages
 *
 * A value is: type (u8), array (u8), number of elements (u32), elements. Lists
 * and maps begin with the number of their entries.
 *
 * libcamera's ControlSerializer and IPADataSerializer are not used for them:
 * they end the process on data that is too short, and believe the sizes that
 * they read.
 */

namespace libcamera::ipa::fovea::ipc {

namespace {

/* Entries of a list, of a map, allowed values of a control. */
constexpr uint32_t kMaxControls = 128;
constexpr uint32_t kMaxValues = 64;

/* Elements of an array, bytes of a string. */
constexpr uint32_t kMaxElements = 256;

constexpr size_t kMaxName = 64;

/* Bytes of an element, 0 for a type that no message has. */
size_t elementSize(uint8_t type)
{
	switch (type) {
	case ControlTypeBool:
	case ControlTypeByte:
	case ControlTypeString:
		return 1;
	case ControlTypeUnsigned16:
		return 2;
	case ControlTypeUnsigned32:
	case ControlTypeInteger32:
	case ControlTypeFloat:
		return 4;
	case ControlTypeInteger64:
	case ControlTypeSize:
	case ControlTypePoint:
		return 8;
	case ControlTypeRectangle:
		return 16;
	default:
		return 0;
	}
}

void writeValue(Writer &writer, const ControlValue &value)
{
	writer.put<uint8_t>(value.type());
	writer.put<uint8_t>(value.isArray());
	writer.put<uint32_t>(value.numElements());
	writer.bytes(value.data());
}

/* Numbers that would surprise whoever computes with them. */
void checkElements(Reader &reader, uint8_t type, Span<const uint8_t> data)
{
	for (size_t i = 0; type == ControlTypeBool && i < data.size(); i++) {
		if (data[i] > 1)
			reader.fail("has a truth value that is neither 0 nor 1");
	}

	for (size_t i = 0; type == ControlTypeFloat && i < data.size(); i += sizeof(float)) {
		float number;
		memcpy(&number, &data[i], sizeof(number));
		if (!std::isfinite(number))
			reader.fail("has a control value that is not finite");
	}
}

ControlValue readValue(Reader &reader)
{
	const uint8_t type = reader.take<uint8_t>();
	const bool isArray = reader.boolean();
	const uint32_t elements = reader.count(kMaxElements);

	if (type == ControlTypeNone) {
		if (isArray || elements)
			reader.fail("has a control value without type and with elements");
		return {};
	}

	const size_t size = elementSize(type);
	if (!size)
		reader.fail("has a control value of the unknown type " + std::to_string(type));
	if (type == ControlTypeString ? !isArray : !isArray && elements != 1)
		reader.fail("has a control value of " + std::to_string(elements) +
			    " elements that is no array");

	const Span<const uint8_t> data = reader.bytes(size * elements);
	checkElements(reader, type, data);
	if (reader.failed())
		return {};

	ControlValue value;
	value.reserve(static_cast<ControlType>(type), isArray, elements);
	if (!data.empty())
		memcpy(value.data().data(), data.data(), data.size());

	return value;
}

/* A fixed number of elements, or any number where the id has none. */
bool fits(const ControlId &id, const ControlValue &value)
{
	const bool isArray = id.isArray() || id.type() == ControlTypeString;
	if (value.type() != id.type() || value.isArray() != isArray)
		return false;

	/* libcamera has SIZE_MAX ("dynamic extent") for variable arrays. */
	return !id.isArray() || id.size() == SIZE_MAX || value.numElements() == id.size();
}

const ControlId *readId(Reader &reader, const ControlIdMap &ids)
{
	const uint32_t id = reader.take<uint32_t>();
	if (reader.failed())
		return nullptr;

	auto it = ids.find(id);
	if (it == ids.end()) {
		reader.fail("has the unknown control " + std::to_string(id));
		return nullptr;
	}

	return it->second;
}

template<typename T>
bool ordered(const ControlInfo &info)
{
	if (info.max().isNone())
		return true;
	if (info.min().get<T>() > info.max().get<T>())
		return false;

	return info.def().isNone() || info.def().isArray() ||
	       (info.def().get<T>() >= info.min().get<T>() &&
		info.def().get<T>() <= info.max().get<T>());
}

/* Applications take it for granted that a range is not empty. */
bool ordered(const ControlInfo &info)
{
	switch (info.min().type()) {
	case ControlTypeInteger32:
		return ordered<int32_t>(info);
	case ControlTypeInteger64:
		return ordered<int64_t>(info);
	case ControlTypeFloat:
		return ordered<float>(info);
	default:
		return true;
	}
}

/*
 * The minimum must be there: ControlInfoMap ends the process without. Bounds are
 * of an element, and of the length in a string.
 */
ControlInfo readInfo(Reader &reader, const ControlId &id)
{
	const ControlValue min = readValue(reader);
	const ControlValue max = readValue(reader);
	const ControlValue def = readValue(reader);

	std::vector<ControlValue> values;
	const uint32_t count = reader.count(kMaxValues);
	for (uint32_t i = 0; i < count && !reader.failed(); i++)
		values.push_back(readValue(reader));

	const ControlType bound = id.type() == ControlTypeString ? ControlTypeInteger32
								 : id.type();
	bool good = min.type() == bound && !min.isArray() &&
		    (max.isNone() || (max.type() == bound && !max.isArray())) &&
		    (def.isNone() || def.type() == id.type()) &&
		    (!def.isArray() || id.isArray() || id.type() == ControlTypeString);
	for (const ControlValue &value : values)
		good = good && value.type() == bound && !value.isArray();

	if (!good)
		reader.fail("has bounds that don't fit control " + id.name());
	if (reader.failed())
		return ControlInfo{};

	/* Minimum and maximum of a menu are its first and its last choice. */
	if (!values.empty())
		return ControlInfo{ Span<const ControlValue>(values), def };

	const ControlInfo info{ min, max, def };
	if (!ordered(info))
		reader.fail("has an empty range of control " + id.name());

	return info;
}

void writeInfo(Writer &writer, const ControlInfo &info)
{
	writeValue(writer, info.min());
	writeValue(writer, info.max());
	writeValue(writer, info.def());
	writer.put<uint32_t>(info.values().size());
	for (const ControlValue &value : info.values())
		writeValue(writer, value);
}

} /* namespace */

void writeControls(Writer &writer, const ControlList &controls)
{
	writer.put<uint32_t>(controls.size());
	for (const auto &[id, value] : controls) {
		writer.put<uint32_t>(id);
		writeValue(writer, value);
	}
}

/**
 * \brief Write those of \a controls that readControls() takes, drop the others
 *
 * libcamera lets an application set values of any type, a module may report
 * anything: that must not be taken for a fault of the transport.
 */
void writeFittingControls(Writer &writer, const ControlList &controls,
			  const ControlIdMap &ids)
{
	ControlList fitting;
	for (const auto &[id, value] : controls) {
		auto it = ids.find(id);
		if (it != ids.end() && fits(*it->second, value) && value.numElements() <= kMaxElements &&
		    fitting.size() < kMaxControls)
			fitting.set(id, value);
	}

	writeControls(writer, fitting);
}

/** \brief Write descriptions with the names, types and directions of their ids */
void writeControlInfo(Writer &writer, const ControlInfoMap &controls)
{
	writer.put<uint32_t>(controls.size());
	for (const auto &[id, info] : controls) {
		writer.put<uint32_t>(id->id());
		writer.string(std::string_view(id->name()).substr(0, kMaxName));
		writer.put<uint8_t>(id->type());
		writeInfo(writer, info);
	}
}

/**
 * \brief Read a list of known controls, each of its type and size
 * \param[in] reader The message
 * \param[in] ids The known controls
 *
 * Their directions are no criterion: libcamera's own modules take some that are
 * declared as output only (ColourTemperature).
 */
ControlList readControls(Reader &reader, const ControlIdMap &ids)
{
	ControlList list(ids);

	const uint32_t count = reader.count(kMaxControls);
	for (uint32_t i = 0; i < count && !reader.failed(); i++) {
		const ControlId *id = readId(reader, ids);
		const ControlValue value = readValue(reader);
		if (reader.failed())
			break;

		if (!fits(*id, value) || list.contains(id->id())) {
			reader.fail("has an unfit or repeated value of control " + id->name());
			break;
		}

		list.set(id->id(), value);
	}

	return list;
}

/**
 * \brief Read a list of a sensor's controls, which are 32-bit integers
 *
 * Ranges depend on each other and are the caller's business.
 */
ControlList readSensorControls(Reader &reader, const ControlInfoMap &controls)
{
	/* A map that nobody has filled has no ids, which the list would refer to. */
	ControlList list;
	if (!controls.empty())
		list = ControlList(controls);

	const uint32_t count = reader.count(kMaxControls);
	for (uint32_t i = 0; i < count && !reader.failed(); i++) {
		const uint32_t id = reader.take<uint32_t>();
		const ControlValue value = readValue(reader);
		if (reader.failed())
			break;

		if (!controls.count(id) || value.type() != ControlTypeInteger32 ||
		    value.isArray() || list.contains(id)) {
			reader.fail("has an unfit or repeated value of sensor control " +
				    std::to_string(id));
			break;
		}

		list.set(id, value);
	}

	return list;
}

/** \brief Read descriptions of the known controls \a ids */
ControlInfoMap readControlInfo(Reader &reader, const ControlIdMap &ids)
{
	ControlInfoMap::Map map;

	const uint32_t count = reader.count(kMaxControls);
	for (uint32_t i = 0; i < count && !reader.failed(); i++) {
		const ControlId *id = readId(reader, ids);
		reader.string(kMaxName);
		const uint8_t type = reader.take<uint8_t>();
		if (!id || type != id->type() || map.count(id)) {
			reader.fail("has an unfit or repeated control" +
				    (id ? " " + id->name() : std::string{}));
			break;
		}

		map.emplace(id, readInfo(reader, *id));
	}

	return reader.failed() ? ControlInfoMap{} : ControlInfoMap(std::move(map), ids);
}

/**
 * \class SensorControlInfo
 * \brief Descriptions of a sensor's controls, with ids made from the message
 */

/** \brief Read descriptions; those read before go */
const ControlInfoMap &SensorControlInfo::read(Reader &reader)
{
	ControlInfoMap::Map map;

	map_ = {};
	ids_.clear();
	owned_.clear();

	const uint32_t count = reader.count(kMaxControls);
	for (uint32_t i = 0; i < count && !reader.failed(); i++) {
		const uint32_t number = reader.take<uint32_t>();
		const std::string name = reader.string(kMaxName);
		const uint8_t type = reader.take<uint8_t>();
		if (!elementSize(type) || ids_.count(number))
			reader.fail("has an unfit or repeated sensor control");
		if (reader.failed())
			break;

		const ControlId *id =
			owned_.emplace_back(std::make_unique<ControlId>(
						    number, name, "v4l2",
						    static_cast<ControlType>(type),
						    ControlId::Direction::In))
				.get();
		ids_.emplace(number, id);
		map.emplace(id, readInfo(reader, *id));
	}

	if (!reader.failed())
		map_ = ControlInfoMap(std::move(map), ids_);

	return map_;
}

} /* namespace libcamera::ipa::fovea::ipc */
