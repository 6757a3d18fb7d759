"""The evidence as FHIR R5 resources, to be read only. The resources are at trial use in FHIR itself."""
