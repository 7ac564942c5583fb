/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Gain model and black level of a sensor
 */

#include "sensor_helper.h"

#include <algorithm>
#include <vector>

#include <libcamera/base/log.h>

#include "libcamera/internal/value_node.h"

/**
 * \file sensor_helper.h
 * \brief Gain models of sensors that libipa does not know
 */

namespace libcamera {

LOG_DEFINE_CATEGORY(FoveaSensor)

namespace ipa::fovea {

namespace {

/*
 * Gain code of a gain of 1.0 for a sensor that nothing is known of: the form
 * "1/16 steps" is the commonest one of sensors with a linear gain.
 */
constexpr int16_t kDefaultUnityCode = 16;

class LinearSensorHelper : public CameraSensorHelper
{
public:
	LinearSensorHelper(const std::vector<int16_t> &gain)
	{
		gain_ = AnalogueGainLinear{ gain[0], gain[1], gain[2], gain[3] };
	}
};

} /* namespace */

/**
 * \brief Create the helper of a sensor
 * \param[in] model Model of the sensor
 * \param[in] tuning Node "sensor" of the tuning file; its "gain", [m0, c0, m1,
 * c1] of gain = (m0 * code + c0) / (m1 * code + c1), comes first
 *
 * A sensor with neither a gain in the tuning file nor a helper in libipa is
 * taken to have gain = code / 16.
 */
std::unique_ptr<CameraSensorHelper> createSensorHelper(const std::string &model,
						       const ValueNode &tuning)
{
	auto gain = tuning["gain"].get<std::vector<int16_t>>();
	if (gain && gain->size() == 4)
		return std::make_unique<LinearSensorHelper>(*gain);

	std::unique_ptr<CameraSensorHelper> helper =
		CameraSensorHelperFactoryBase::create(model);
	if (helper)
		return helper;

	LOG(FoveaSensor, Warning)
		<< "No gain model for sensor '" << model << "', gain = code / "
		<< kDefaultUnityCode << " assumed; add sensor.gain to the tuning file";

	return std::make_unique<LinearSensorHelper>(
		std::vector<int16_t>{ 1, 0, 0, kDefaultUnityCode });
}

} /* namespace ipa::fovea */

} /* namespace libcamera */
