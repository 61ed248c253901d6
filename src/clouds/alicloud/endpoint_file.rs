//! `endpoints.xml`: hosts of services by region, for clouds that are not the public one.

use quick_xml::Reader;
use quick_xml::events::Event;

use crate::clouds::Environment;
use crate::clouds::credentials::read_files;
use crate::clouds::retry::Failure;

/// Where the file is looked for first: in the working folder.
const HERE: &str = "endpoints.xml";
/// The variable that names another one, where there is none in the working folder.
const ELSEWHERE: &str = "TF_ENDPOINT_PATH";

/// The hosts of a file.
#[derive(Clone, Default)]
pub struct EndpointFile(Vec<Entry>);

#[derive(Clone, Default)]
struct Entry {
    regions: Vec<String>,
    products: Vec<(String, String)>,
}

impl EndpointFile {
    /// The file in the working folder, else the one that the environment names; without either, nothing.
    pub fn find(environment: &Environment) -> Result<Self, Failure> {
        let named = environment.variable(ELSEWHERE).unwrap_or_default();
        for path in [HERE, named] {
            let text = read_files(path, |_, _| {}).map_err(|error| unreadable(path, &error.to_string()))?;
            if !text.trim_ascii().is_empty() {
                let text = String::from_utf8_lossy(&text);
                return parse(&text).map_err(|why| unreadable(path, &why));
            }
        }
        Ok(Self::default())
    }

    /// The host of a service in a region, if the file knows one.
    pub fn host(&self, region: &str, service: &str) -> Option<&str> {
        let of_region = self
            .0
            .iter()
            .filter(|entry| entry.regions.iter().any(|one| one == region));
        let mut products = of_region.flat_map(|entry| &entry.products);
        let found = products.find(|(product, _)| product.eq_ignore_ascii_case(service));
        found
            .map(|(_, host)| host.as_str())
            .filter(|host| !host.is_empty())
    }
}

/// Reads what stands between the tags that count; all others are passed over.
fn parse(text: &str) -> Result<EndpointFile, String> {
    let mut reader = Reader::from_str(text);
    let mut entries: Vec<Entry> = Vec::new();
    let mut content = String::new();
    loop {
        match reader.read_event().map_err(|error| error.to_string())? {
            Event::Eof => return Ok(EndpointFile(entries)),
            Event::Start(tag) => {
                content.clear();
                if tag.name().as_ref() == "Endpoint" {
                    entries.push(Entry::default());
                } else if tag.name().as_ref() == "Product"
                    && let Some(entry) = entries.last_mut()
                {
                    entry.products.push((String::new(), String::new()));
                }
            }
            Event::Text(part) => content.push_str(&part.xml10_content()),
            Event::End(tag) => {
                let Some(entry) = entries.last_mut() else { continue };
                let found = content.trim().to_owned();
                match (tag.name().as_ref(), entry.products.last_mut()) {
                    ("RegionId", _) => entry.regions.push(found),
                    ("ProductName", Some(product)) => product.0 = found,
                    ("DomainName", Some(product)) => product.1 = found,
                    _ => {}
                }
                content.clear();
            }
            _ => {}
        }
    }
}

fn unreadable(path: &str, why: &str) -> Failure {
    Failure::refused(
        "UnreadableEndpoints",
        format!("The file of endpoints {path} cannot be read: {why}. Mend it, or take it away"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<Endpoints>
  <!-- ours -->
  <Endpoint name="here">
    <RegionIds><RegionId>cn-private-1</RegionId><RegionId>cn-private-2</RegionId></RegionIds>
    <Products>
      <Product><ProductName>Kms</ProductName><DomainName> kms.example:8443 </DomainName></Product>
      <Product><ProductName>STS</ProductName><DomainName/></Product>
    </Products>
  </Endpoint>
  <Endpoint name="there">
    <RegionIds><RegionId>cn-hangzhou</RegionId></RegionIds>
    <Products><Product><ProductName>KMS</ProductName><DomainName>kms.there</DomainName></Product></Products>
  </Endpoint>
</Endpoints>"#;

    #[track_caller]
    fn check(region: &str, service: &str, expected: Option<&str>) {
        assert_eq!(parse(FILE).unwrap().host(region, service), expected);
    }

    #[test]
    fn a_region_has_its_own_hosts() {
        check("cn-private-1", "kms", Some("kms.example:8443"));
        check("cn-private-2", "kms", Some("kms.example:8443"));
        check("cn-hangzhou", "kms", Some("kms.there"));
        check("cn-beijing", "kms", None);
        check("cn-private-1", "ecs", None);
    }

    #[test]
    fn a_service_without_a_host_has_none() {
        check("cn-private-1", "sts", None);
    }

    #[test]
    fn what_is_no_xml_is_an_error() {
        for text in ["<Endpoints><Endpoint></Product>", "<a", "<!DOCTYPE"] {
            assert!(parse(text).is_err(), "{text}");
        }
        assert!(parse("").unwrap().0.is_empty());
        assert!(parse("no tags at all").unwrap().0.is_empty());
    }

    #[test]
    fn the_variable_names_a_file_and_a_broken_one_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("e.xml");
        let environment = |path: &std::path::Path| {
            let path = path.to_str().unwrap();
            crate::clouds::stub::environment(&[(ELSEWHERE, path)])
        };
        let find = || EndpointFile::find(&environment(&path));
        assert!(find().unwrap().0.is_empty());
        fs_err::write(&path, FILE).unwrap();
        assert_eq!(find().unwrap().host("cn-hangzhou", "kms"), Some("kms.there"));
        fs_err::write(&path, "<Endpoints><Endpoint></Product>").unwrap();
        assert_eq!(
            find().err().map(|failure| failure.code),
            Some("UnreadableEndpoints".to_owned())
        );
        fs_err::write(&path, vec![b' '; 2 << 20]).unwrap();
        assert!(find().is_err());
    }
}
