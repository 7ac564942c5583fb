/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * The IPA module as the handler sees it
 */

#include "ipa.h"

#include <stdlib.h>
#include <string>

#include <libcamera/base/log.h>
#include <libcamera/base/utils.h>

#include "libcamera/internal/pipeline_handler.h"

#include "ipa_location.h"
#include "ipa_supervisor.h"
#include "ipa_thread.h"

/**
 * \file ipa.h
 * \brief The IPA module as the handler sees it
 */

namespace libcamera {

LOG_DECLARE_CATEGORY(FoveaIpa)

namespace fovea {

/**
 * \class Ipa
 * \brief IPAFoveaInterface (fovea.mojom) without buffers, for a module that may fail
 *
 * Parameters and statistics are passed as memory; how they get to the module is
 * no business of the caller. Every call that is accepted gets its answer, from
 * the module or, when it fails, in its place: the caller waits for nothing.
 *
 * \var Ipa::paramsComputed
 * \brief Parameters of a frame, empty if there are none and the last ones stay
 *
 * \var Ipa::setSensorControls
 * \brief Exposure, analogue gain and vertical blanking for the sensor
 *
 * \var Ipa::metadataReady
 * \brief Metadata of a frame, empty if the module has failed; last for a frame
 */

/**
 * \fn Ipa::init()
 * \brief Load the module and describe the sensor to it
 * \param[in] config The sensor in any mode
 * \param[out] controls The controls that the module adds to the camera
 * \return 0 or a negative error number; without 0 the module is of no use
 */

/**
 * \fn Ipa::configure()
 * \brief Describe the mode of the sensor
 * \return 0, also for a module that fails meanwhile, or the error of the module
 */

/**
 * \fn Ipa::start()
 * \brief Begin a session, whose frames count from 0
 * \param[in] controls Controls of the application for the first frame
 * \param[out] sensorControls What to set in the sensor now; empty without a module
 * \return 0, also for a module that fails meanwhile, or the error of the module
 */

/**
 * \fn Ipa::stop()
 * \brief End the session; nothing of it is answered any more
 */

/**
 * \fn Ipa::queueRequest()
 * \brief Tell of a request, in the order of frames and without gaps
 */

/**
 * \fn Ipa::computeParams()
 * \brief Ask for the parameters of a frame
 *
 * The statistics of kParamsLatency frames before must have been processed.
 *
 * \return False if there is no module now; paramsComputed is not emitted
 */

/**
 * \fn Ipa::processStats()
 * \brief Hand over the statistics of a frame
 * \param[in] frame The frame
 * \param[in] stats The statistics, which are copied; empty if they are lost
 * \param[in] sensorControls What was in effect in the sensor
 * \return False if there is no module now; metadataReady is not emitted
 */

/**
 * \fn Ipa::frameStarted()
 * \brief The sensor has begun a frame: the clock of what a late module may cost
 */

/**
 * \brief Create the IPA in the way that LIBCAMERA_FOVEA_IPA_ISOLATION asks for
 * \param[in] pipe The pipeline handler
 * \param[in] sensorModel The sensor, for its tuning file
 *
 * "process", the default, runs the module in the sandboxed worker. "thread" runs
 * it in a thread of the application, for a debugger and to measure what the
 * worker costs; there is no protection then.
 *
 * \return The IPA, or a null pointer after a message that says what is missing
 */
std::unique_ptr<Ipa> Ipa::create(PipelineHandler *pipe, const std::string &sensorModel)
{
	std::unique_ptr<IpaLocation> location = IpaLocation::find(pipe, sensorModel);
	if (!location)
		return nullptr;

	const char *value = utils::secure_getenv("LIBCAMERA_FOVEA_IPA_ISOLATION");
	const std::string isolation = value ? value : "process";

	if (isolation == "thread") {
		LOG(FoveaIpa, Warning)
			<< "The IPA module runs unprotected in this process, as "
			   "LIBCAMERA_FOVEA_IPA_ISOLATION asks for";
		return std::make_unique<IpaThread>(*pipe->cameraManager(), location->program());
	}

	if (isolation != "process") {
		LOG(FoveaIpa, Error)
			<< "LIBCAMERA_FOVEA_IPA_ISOLATION is '" << isolation
			<< "', expected 'process' or 'thread'";
		return nullptr;
	}

	return std::make_unique<IpaSupervisor>(location->program());
}

} /* namespace fovea */

} /* namespace libcamera */
