/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * Copyright (C) 2026, The Fovea authors
 *
 * Layers of the sandbox that a machine may lack
 */

#include "layer.h"

#include <errno.h>
#include <stdio.h>

/**
 * \file layer.h
 * \brief Layers of the sandbox that a machine may lack
 */

namespace fovea::sandbox {

/**
 * \struct MissingLayer
 * \brief A layer that could not be put up
 *
 * \var MissingLayer::layer
 * \brief Its name, as in docs/sandbox.md
 * \var MissingLayer::reason
 * \brief What failed
 * \var MissingLayer::remedy
 * \brief What the owner of the machine can do
 */

/**
 * \brief Decide whether a module may run without some layers, and say so
 * \param[in] missing The layers that are missing
 * \param[in] module Path of the module
 * \param[in] relaxed The opt-out for development is set
 *
 * Nothing is printed if no layer is missing.
 *
 * \return 0, or -EPERM if the module must not run
 */
int judge(const MissingLayers &missing, const std::string &module, bool relaxed)
{
	for (const MissingLayer &layer : missing) {
		if (relaxed)
			fprintf(stderr,
				"fovea sandbox: WARNING: FOVEA_SANDBOX=relaxed: %s runs without the layer '%s': %s\n",
				module.c_str(), layer.layer.c_str(), layer.reason.c_str());
		else
			fprintf(stderr,
				"fovea sandbox: ERROR: %s is not run: the layer '%s' is missing: %s. "
				"Remedy: %s. For development only: FOVEA_SANDBOX=relaxed\n",
				module.c_str(), layer.layer.c_str(), layer.reason.c_str(),
				layer.remedy.c_str());
	}

	return missing.empty() || relaxed ? 0 : -EPERM;
}

} /* namespace fovea::sandbox */
