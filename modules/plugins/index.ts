export { registryWith } from "./plugins";
export { contextPlugins, optionPlugins, type PluginSource } from "./source";
