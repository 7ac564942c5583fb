/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Files of the IPA module
 */

#include "ipa_location.h"

#include <filesystem>

#include <libcamera/base/log.h>
#include <libcamera/base/utils.h>

#include "libcamera/internal/camera_manager.h"
#include "libcamera/internal/ipa_manager.h"
#include "libcamera/internal/pipeline_handler.h"

/**
 * \file ipa_location.h
 * \brief Files of the IPA module
 */

namespace libcamera {

LOG_DECLARE_CATEGORY(FoveaIpa)

namespace fovea {

namespace {

/* Version of the IPA interface, IPAModuleInfo::pipelineVersion. */
constexpr uint32_t kIpaVersion = 1;

constexpr const char *kLauncher = "fovea_ipa_cage";
constexpr const char *kModuleVariable = "LIBCAMERA_FOVEA_IPA_MODULE";
constexpr const char *kTuningVariable = "LIBCAMERA_FOVEA_TUNING_FILE";

/* The worker's rules are made of real paths. */
std::string realPath(const std::string &path)
{
	std::error_code error;
	const std::filesystem::path real = std::filesystem::canonical(path, error);

	return error ? std::string{} : real.string();
}

} /* namespace */

/**
 * \class IpaLocation
 * \brief Where module, tuning file and launcher are
 *
 * They are looked for where libcamera looks for those of its own handlers:
 * LIBCAMERA_IPA_MODULE_PATH, LIBCAMERA_IPA_CONFIG_PATH, LIBCAMERA_IPA_PROXY_PATH
 * and the system's directories. LIBCAMERA_FOVEA_IPA_MODULE names another module.
 *
 * libcamera creates this in the place of a proxy, which is how a handler gets at
 * these files; it neither loads nor starts anything.
 */

IpaLocation::IpaLocation(IPAModule *module, const CameraManager &manager)
	: IPAProxy(module, manager), module_(module)
{
	valid_ = true;
}

/**
 * \brief Find all files
 * \return The location, or a null pointer after a message that says what is missing
 */
std::unique_ptr<IpaLocation> IpaLocation::find(PipelineHandler *pipe,
					       const std::string &sensorModel)
{
	std::unique_ptr<IpaLocation> location = findModule(pipe);
	if (!location || !location->findFiles(sensorModel))
		return nullptr;

	return location;
}

std::unique_ptr<IpaLocation> IpaLocation::findModule(PipelineHandler *pipe)
{
	const char *path = utils::secure_getenv(kModuleVariable);
	if (!path || !*path) {
		auto location = pipe->createIPA<IpaLocation>(kIpaVersion, kIpaVersion);
		if (!location)
			LOG(FoveaIpa, Error)
				<< "No IPA module for the pipeline handler '"
				<< pipe->name() << "': is LIBCAMERA_IPA_MODULE_PATH set "
				   "to the directory of ipa_fovea.so?";
		return location;
	}

	auto module = std::make_unique<IPAModule>(path);
	if (!module->isValid() || !module->match(pipe, kIpaVersion, kIpaVersion)) {
		LOG(FoveaIpa, Error)
			<< kModuleVariable << " is " << path << ", which is no IPA module for '"
			<< pipe->name() << "' with interface version " << kIpaVersion;
		return nullptr;
	}

	auto location = std::make_unique<IpaLocation>(module.get(), *pipe->cameraManager());
	location->ownModule_ = std::move(module);

	return location;
}

bool IpaLocation::findFiles(const std::string &sensorModel)
{
	const std::string tuningFile = configurationFile(sensorModel + ".yaml",
							 "uncalibrated.yaml");
	const std::string launcher = resolvePath(kLauncher);
	if (launcher.empty()) {
		LOG(FoveaIpa, Error)
			<< "The program " << kLauncher << " is missing: is "
			   "LIBCAMERA_IPA_PROXY_PATH set to its directory?";
		return false;
	}

	program_.launcher = realPath(launcher);
	program_.module = realPath(module_->path());
	program_.tuningFile = realPath(tuningFile);
	program_.sensorModel = sensorModel;

	/* Whether it needs a tuning file is for the module to say. */
	if (program_.tuningFile.empty())
		return true;

	/* A tuning file beside others may refer to them; one that is named may not. */
	const bool named = utils::secure_getenv(kTuningVariable) != nullptr;
	program_.tuningPath = named ? program_.tuningFile
				    : std::filesystem::path(program_.tuningFile)
					      .parent_path()
					      .string();

	return true;
}

} /* namespace fovea */

} /* namespace libcamera */
