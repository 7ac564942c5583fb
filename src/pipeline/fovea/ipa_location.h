/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Files of the IPA module
 */

#pragma once

#include <memory>
#include <string>

#include <libcamera/ipa/ipa_interface.h>

#include "libcamera/internal/ipa_module.h"
#include "libcamera/internal/ipa_proxy.h"

namespace libcamera {

class PipelineHandler;

namespace fovea {

/* What a worker is started with. */
struct IpaProgram {
	std::string launcher;
	std::string module;
	/* Tuning file, and what the worker may read: the file or its directory. */
	std::string tuningFile;
	std::string tuningPath;
	std::string sensorModel;
};

class IpaLocation : public IPAProxy
{
public:
	/* Names that IPAManager::createIPA() wants; the manager starts nothing. */
	using Threaded = IpaLocation;
	using Isolated = IpaLocation;

	IpaLocation(IPAModule *module, const CameraManager &manager);

	static std::unique_ptr<IpaLocation> find(PipelineHandler *pipe,
						 const std::string &sensorModel);

	const IpaProgram &program() const { return program_; }

private:
	static std::unique_ptr<IpaLocation> findModule(PipelineHandler *pipe);
	bool findFiles(const std::string &sensorModel);

	IPAModule *module_;
	std::unique_ptr<IPAModule> ownModule_;
	IpaProgram program_;
};

} /* namespace fovea */

} /* namespace libcamera */
